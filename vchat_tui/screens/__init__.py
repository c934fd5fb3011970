"""One screen a file, its stylesheet beside it. Screens talk only to the desk."""
