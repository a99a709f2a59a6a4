"""Conversations that a flow hands to an external ConversationRelay application; we hear and speak for it."""
