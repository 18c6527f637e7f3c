"""A record of many closed complaints: random lives, lawful because the procedure itself lives them."""
