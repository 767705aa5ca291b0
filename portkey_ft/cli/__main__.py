"""``python -m portkey_ft.cli`` is ``portkey-ft``."""

from portkey_ft.cli import main

main()
