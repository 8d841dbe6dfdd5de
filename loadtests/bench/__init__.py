"""`make bench`: ratios against a baseline measured in the same run, because this machine's seconds mean little."""
