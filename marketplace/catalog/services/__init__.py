"""Every write of the catalogue."""

from .categories import ensure_category
from .columns import checks_of
from .lists import (
    add_to_list,
    delete_list,
    drop_favourite,
    keep_favourite,
    make_list,
    note_item,
    remove_item,
    rename_list,
    set_lists,
)
from .photo_files import sweep_photos
from .photo_shelf import drop_held, forget_photos, show_held
from .photo_start import start_with_photo
from .photos import (
    add_photo,
    describe_photo,
    move_photo,
    order_photos,
    remove_photo,
    restore_photo,
)
from .products import (
    change_product,
    create_draft,
    create_product,
    delete_draft,
    duplicate_product,
    pause_product,
    resume_product,
)
from .questions import answer_question, ask_question, show_answer
from .samples import (
    approve_sample,
    decline_sample,
    receive_sample,
    request_sample,
    ship_sample,
    withdraw_sample,
)
from .saved_searches import (
    forget_search,
    save_search,
    send_digests,
    switch_digest,
    unsubscribe,
    user_of,
)
from .synonyms import delete_synonyms, save_synonyms
from .variants import MAX_VARIANTS, save_variants

__all__ = [
    "MAX_VARIANTS",
    "add_photo",
    "add_to_list",
    "answer_question",
    "approve_sample",
    "ask_question",
    "change_product",
    "checks_of",
    "create_draft",
    "create_product",
    "decline_sample",
    "delete_draft",
    "delete_list",
    "delete_synonyms",
    "describe_photo",
    "drop_favourite",
    "drop_held",
    "duplicate_product",
    "ensure_category",
    "forget_photos",
    "forget_search",
    "keep_favourite",
    "make_list",
    "move_photo",
    "note_item",
    "order_photos",
    "pause_product",
    "receive_sample",
    "remove_item",
    "remove_photo",
    "rename_list",
    "request_sample",
    "restore_photo",
    "resume_product",
    "save_search",
    "save_synonyms",
    "save_variants",
    "send_digests",
    "set_lists",
    "ship_sample",
    "show_answer",
    "show_held",
    "start_with_photo",
    "sweep_photos",
    "switch_digest",
    "unsubscribe",
    "user_of",
    "withdraw_sample",
]
