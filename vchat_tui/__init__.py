"""vchat-tui: an agent console for customer messaging that lives in the terminal."""

__version__ = "0.1.0"
