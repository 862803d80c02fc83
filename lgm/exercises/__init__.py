"""What each graded function of the course must do, and what people write instead."""
