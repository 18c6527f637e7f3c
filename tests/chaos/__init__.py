"""Breaks everything a complaint rests on, from a seed, and looks whether the complaints noticed."""
