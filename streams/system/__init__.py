"""The running system as a whole: started, watched and restarted; found again by its directory."""
