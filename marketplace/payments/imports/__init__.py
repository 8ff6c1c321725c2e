"""Files about money that come in."""
