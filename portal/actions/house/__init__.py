"""The portal's own keeping: people, warnings, the sweep."""
