"""The application: what agents and admins can do, one file per capability."""
