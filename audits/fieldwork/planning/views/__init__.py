"""The coordinator's pages: waves, their visits, shoppers, scenarios. All work without JavaScript."""
