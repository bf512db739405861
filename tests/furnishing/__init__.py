"""What tests begin with: a file per thing, and no layer furnishes it a second time."""
