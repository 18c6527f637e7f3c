"""The record: what PostgreSQL keeps of every complaint, for as long as it is kept, and after its workflow has gone."""
