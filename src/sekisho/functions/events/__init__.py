"""HTTP requests as the events that functions get, and their answers as HTTP: pure, one module for each caller."""
