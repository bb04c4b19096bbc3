"""The demonstration: organisations, people, results and needs written for it, all marked 演示, and nothing else."""
