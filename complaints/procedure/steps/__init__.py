"""The published page, step by step. Each rule decides first (it raises Refused, or returns an effect), then acts."""
