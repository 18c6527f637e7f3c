"""Measure how the record grows with closed complaints."""
