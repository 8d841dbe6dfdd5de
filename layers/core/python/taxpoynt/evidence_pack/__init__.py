"""What goes into every evidence pack as it stands: the auditor's script and words. It imports nothing of ours."""
