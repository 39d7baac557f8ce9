"""Who somebody is, what they may do, and whose figures they see."""
