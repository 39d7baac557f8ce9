"""What Faust and aiokafka do not do, or do in a way we cannot live with, mended in one place.

Nothing else of ours reaches behind their public interface. `faults.py` says what each mend is for and on which versions it was seen:
when one of the two is raised, its list is what has to be looked at again.
"""
