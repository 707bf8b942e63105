"""Doors of the room frameworks: which audiences are let in. Who stands before one order is tested with the room."""

ROWS = {
    "trading:frameworks": {"public"},
    "trading:framework": {"public"},
    "trading:medical_catalogue": {"public"},
    "trading:framework_desk": {"agency", "bidder", "staff", "supervisor", "tenderee"},
    "trading:framework_catalogue": {"agency", "tenderee"},
    "trading:new_framework_order": {"tenderee"},
    "trading:framework_order": {"agency", "bidder", "staff", "supervisor", "tenderee"},
    "trading:framework_order_step": {"agency", "bidder", "tenderee"},
    "trading:framework_prices": {"bidder"},
}
