"""What-if: questions that touch nothing, and the answers somebody wanted to keep."""
