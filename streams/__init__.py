"""What happens when: handlers, agents, transport, worker and command line."""
