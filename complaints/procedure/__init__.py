"""The procedure itself: pure code, no clock and no I/O. Time is an argument, always an aware instant."""
