"""From a transition to a person."""
