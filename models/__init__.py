"""What is learnt: potential, segmentation, drift detectors and the life of an alert. No I/O, no clock."""
