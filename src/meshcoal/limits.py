"""Every bound, with its unit in the name. A decoder or queue without an entry here is a defect."""

from __future__ import annotations

from typing import Final

KIB: Final = 1024
MIB: Final = 1024 * KIB

# Canonical encoding
NESTING_MAX: Final = 16
CANONICAL_BYTES_MAX: Final = 1 * MIB

# Operations
PARENTS_MAX: Final = 32
OPERATION_BYTES_MAX: Final = 512 * KIB
BODY_BYTES_MAX: Final = 256 * KIB
DIRECTS_MAX: Final = 256
DIRECT_BYTES_MAX: Final = 64 * KIB
SEQ_MAX: Final = 2**40
FORK_BYTES_MAX: Final = 256 * KIB  # of a proof that a log is forked
CLOSINGS_MAX: Final = 512  # of signing keys, that such a proof can show
PENDING_OPERATIONS_MAX: Final = 4096  # held for missing parents, per campaign
PENDING_BYTES_MAX: Final = 16 * MIB
PARKED_OPERATIONS_MAX: Final = 1024  # refused under a published key, kept in case others cite them
PARKED_BYTES_MAX: Final = 4 * MIB
TAKEN_OPERATIONS_MAX: Final = 2048  # of a run that are taken in as one: so far is it from a voucher
DOUBTED_OPERATIONS_MAX: Final = 4096  # refused for their signature alone, kept in case a later one vouches
DOUBTED_BYTES_MAX: Final = 8 * MIB
GATHERED_OPERATIONS_MAX: Final = 8192  # looked at together, where one may vouch for others
DOUBTS_MAX: Final = 1024  # that one link may bring, beside what it brings that is sound

# Campaigns
MEMBERS_MAX: Final = 150
AUTHORS_MAX: Final = 2048  # personas of one campaign, members or not, of whom account is kept
BRANCHES_MAX: Final = 1024  # of a forked log, named by the operation that halts its author
CHANNELS_MAX: Final = 64
CAMPAIGNS_MAX: Final = 64
UNNAMED_MAX: Final = 256  # operations that handed keys to somebody who is not known yet
CARRIED_EPOCHS_MAX: Final = 500  # older epochs that one operation can bring to a newcomer
CHANNELS_SHOWN_MAX: Final = 256  # several people can open the last one at the same time
STATEMENTS_SHOWN_MAX: Final = 1_000
UNREAD_SHOWN_MAX: Final = 10_000  # messages of one channel, counted and not read
WAITS_SHOWN_MAX: Final = 64
WITHHELD_SHOWN_MAX: Final = 256
NAME_CHARS_MAX: Final = 80
GOAL_CHARS_MAX: Final = 500
MESSAGE_CHARS_MAX: Final = 8_000
MENTIONS_MAX: Final = 16  # of one message
EMOJI_CHARS_MAX: Final = 16  # of one reaction: families and flags take several
MARKS_EACH_MAX: Final = 16  # reactions and changes by one author to one message that are looked at: the last
REACTIONS_SHOWN_MAX: Final = 32  # different ones on one message
REACTORS_SHOWN_MAX: Final = 8  # names beside one reaction
EDITIONS_SHOWN_MAX: Final = 16  # of one message: the last
HISTORY_SHOWN_MAX: Final = 300  # things that happened in a campaign
TODAY_SHOWN_MAX: Final = 200  # things that need the user now
POSTURE_SHOWN_MAX: Final = 200  # weak spots
QUESTION_CHARS_MAX: Final = 200  # of what is looked for
FOUND_PAGE_MAX: Final = 100
PINS_SHOWN_MAX: Final = 32  # of one channel: those pinned last
PINS_READ_MAX: Final = 256  # pins and unpins of one channel that are looked at: the last

# Group keys
PREKEYS_MIN: Final = 20  # one-time prekeys in a bundle
PREKEYS_MAX: Final = 40
BUNDLE_BYTES_MAX: Final = 64 * KIB
PREKEYS_LOW: Final = 5  # with fewer left a new bundle is made
PREKEY_LIFETIME_MS: Final = 14 * 24 * 3_600_000  # how long others may seal to a one-time prekey
PREKEY_GRACE_MS: Final = 14 * 24 * 3_600_000  # how long after that what was sealed may still arrive
BUNDLES_MAX: Final = 16  # of one's own, whose secrets are held
USED_PREKEYS_MAX: Final = BUNDLES_MAX * PREKEYS_MAX
EXCHANGE_AGE_MS: Final = 7 * 24 * 3_600_000  # a pairwise channel renews its post-quantum root after this
EXCHANGE_MESSAGES_MAX: Final = 50  # and after so many messages one way
EXCHANGE_ON_REMOVE_MEMBERS_MAX: Final = 40  # and with each removal in a campaign of at most so many
CHANNEL_KEYS_MAX: Final = 64  # keys given to a peer who has not answered to one yet
SKIP_MAX: Final = 1_000  # message keys of one chain held for messages that did not come
REKEY_AGE_MS: Final = 7 * 24 * 3_600_000  # a member begins an epoch of their own after this
REKEY_MESSAGES_MAX: Final = 100  # and after so many own messages
EPOCH_GRACE_MS: Final = 14 * 24 * 3_600_000  # talk keys of a superseded epoch are erased after this
RETIRE_AFTER_MS: Final = 14 * 24 * 3_600_000  # a closed signing key is published after this
RETIRED_SEEDS_MAX: Final = 64  # published by one operation
TALK_DAYS: Final = 7  # how long talk lives, unless the campaign says otherwise
TALK_DAYS_MAX: Final = 365

# Statements
LANGUAGES_MAX: Final = 32
PARAGRAPHS_MAX: Final = 500
TEXT_CHARS_MAX: Final = 60_000  # of one language
STATEMENT_CHARS_MAX: Final = 100_000  # of the canonical text, all languages together
RULES_MAX: Final = 16
ADDRESSEES_MAX: Final = 64
CHECKERS_SHOWN_MAX: Final = 16  # of one translation
CREDITS_MAX: Final = 4  # translators, and checkers, whom a text names in public
NAMES_MAX: Final = 16  # languages and scripts in which a signatory gives a name
NETWORK_MEMBERS_MAX: Final = 100_000  # on whose behalf a network signs
TAG_CHARS_MAX: Final = 40  # of a topic, country or ask that mandates name
TAGS_MAX: Final = 8  # of each of these
OFFICES_MAX: Final = 256  # of one campaign
OFFICE_STEPS_MAX: Final = 6
HOLDERS_MAX: Final = 8  # of one step: who decides, and deputies
DEPUTIES_WAIT_MS_MAX: Final = 30 * 24 * 3_600_000
MANDATES_MAX: Final = 1_024  # of one campaign
REQUESTS_SHOWN_MAX: Final = 64  # of one statement
DECISIONS_SHOWN_MAX: Final = 16  # of one request, the last
USES_SHOWN_MAX: Final = 100  # of one mandate
USES_LISTED_MAX: Final = 2_000  # of all mandates together
LETTERS_SEARCHED_MAX: Final = 200  # for uses of mandates: the newest
PROFILES_MAX: Final = 32  # of one device
NEEDS_MAX: Final = 4  # parts of the condition of one sign-on
LOGO_BYTES_MAX: Final = 16 * KIB
LOGO_SIDE_PIXELS_MAX: Final = 512
LOGOS_BYTES_MAX: Final = 4 * MIB  # of all logos in one package; more are left out
MERGED_MAX: Final = 15  # further texts that one revision takes up
VERSIONS_MAX: Final = 99  # of one frozen text
GRACE_MS_MAX: Final = 30 * 24 * 3_600_000  # what was signed in time is waited for so long
COMMENT_CHARS_MAX: Final = 4_000
AFTERMATH_SHOWN_MAX: Final = 1_000  # entries of the log behind a release, in one view
CASES_SHOWN_MAX: Final = 200  # in one view
CASE_ENTRIES_SHOWN_MAX: Final = 1_000
LETTERS_SHOWN_MAX: Final = 16  # about one case, in its view
WAITS_FOR_SHOWN_MAX: Final = 16  # names of those that a step of a course waits for
FOLLOW_UPS_SHOWN_MAX: Final = 64  # dates of open follow-ups on the line of a statement
SIGNATORIES_MAX: Final = 4_000  # members who signed, on one release
ADDENDA_MAX: Final = 256  # of one release
DESK_CONTENT_BYTES_MAX: Final = 16 * KIB  # of one note among organisers, sealed
DESK_NOTES_MAX: Final = 512  # of one letter that are read: the newest
PUBLISHED_MAX: Final = 16_000  # signatories in one package, from outside too
PACKAGE_BYTES_MAX: Final = 64 * MIB

CALL_BYTES_MAX: Final = 512 * KIB  # of a call for sign-ons from outside: the letter and 4 KiB around it
CALL_LINES_MAX: Final = 8  # that a call says of what happens with names, or of where replies go
CALL_LINK_CHARS_MAX: Final = 16_000  # of a call as one text to paste; a longer letter goes as a file
CALL_QR_CHARS_MAX: Final = 2_900  # what a QR code holds beside some room (ISO/IEC 18004, 40-L)
REPLY_CLASSES_BYTES: Final = (512, 1024, 2048, 4096)  # what a reply is padded to before it is sealed
QR_PART_CHARS: Final = 780  # with its head in version 20 of 40, which phones read from a screen
QR_PARTS_MAX: Final = 32
REPLY_CHARS_MAX: Final = 16_000  # of a reply as text, with the breaks and marks of quoting that mail adds
REPLIES_FILE_BYTES_MAX: Final = 256 * MIB  # of one file with many of them
REPLIES_MAX: Final = 20_000  # read of one letter and kept
REPLIES_COMMAND_MAX: Final = 250  # handed over, or decided on, at a time
ACCEPTED_MAX: Final = 256  # sign-ons from outside that one operation takes up
ACCEPTED_BYTES_MAX: Final = 96 * KIB  # of them in one operation
BATCHES_MAX: Final = 1_024  # such operations of which a release lists sign-ons
OUTSIDE_MAX: Final = 12_000  # sign-ons from outside on one release
PAPER_LINES_MAX: Final = 40  # of one sheet of signatures on paper
PAPER_NUMBER_MAX: Final = 9_999  # of a witness's sheets for one letter
PAPER_SHEETS_MAX: Final = 2_000  # of which a release lists lines
PAPER_SHEETS_SHOWN_MAX: Final = 50  # in one view
PAPER_DOUBLES_SHOWN_MAX: Final = 8  # places where the name of a line stands too
PAPER_MAX: Final = 12_000  # signatures on paper on one release
RING_KEYS_MAX: Final = 256  # of one ring signature
SEALED_THRESHOLD_MIN: Final = 5  # sealed sign-ons before any is opened
SEALED_CONTENT_BYTES: Final = 1_024  # what a sealed sign-on is padded to
SEALED_ROUNDS_MAX: Final = 64  # of one campaign, those that are over among them
SEAL_AFTER_DEADLINE_MS_MAX: Final = 90 * 24 * 3_600_000  # so long behind the deadline a seal may hold
COUNTED_ROUNDS_MAX: Final = 64  # of one campaign: letters on which members are counted and not named
COUNTED_AFTER_MS: Final = 30 * 24 * 3_600_000  # behind deadline and grace: then ring keys go, released or not
COUNTED_CROWD_LEAST: Final = 3  # not named: with fewer nobody is counted, for others could tell who it is
COUNTED_CROWD_MIN: Final = 8  # not named: with fewer it is told that the crowd is small
WEEK_KEYS_AGE_MS: Final = 7 * 24 * 3_600_000  # then a member publishes new keys for rings and shares
BEAT_BYTES: Final = 16_381  # of the frame in which things without an author travel: it fills one of 16 KiB
BEAT_CARRIED_BYTES_MAX: Final = BEAT_BYTES - 300
BEAT_ITEMS_MAX: Final = 8  # in one such frame
BEAT_QUEUE_MAX: Final = 256  # that one node has under way: its own, and of others

# Attachments
ATTACHMENTS_MAX: Final = 8  # of one message
ATTACHMENT_BYTES_MAX: Final = 20 * MIB
ATTACHMENTS_CAMPAIGN_BYTES_MAX: Final = 200 * MIB  # kept here of one campaign
ATTACHMENTS_BYTES_MAX: Final = 1_024 * MIB  # kept here of all
ATTACHMENT_UNASKED_BYTES_MAX: Final = 256 * KIB  # fetched without being asked for
ATTACHMENTS_UNASKED_BYTES_MAX: Final = 50 * MIB  # while less than this is kept of the campaign
ATTACHMENT_NAME_CHARS_MAX: Final = 100
MEDIA_TYPE_CHARS_MAX: Final = 100
CHUNK_BYTES: Final = 32_640  # sealed and framed it fills one frame of 32 KiB
CHUNKS_MAX: Final = 643  # of one attachment, padded
CHUNKS_IN_FLIGHT_MAX: Final = 16  # asked of one peer and not come yet
SEEK_FILES_MAX: Final = 64  # in one message between peers
UPLOADS_MAX: Final = 8  # attachments handed over by the user's programs and not sent yet
UPLOAD_PART_BYTES_MAX: Final = 16 * CHUNK_BYTES
UPLOAD_IDLE_MS: Final = 30 * 60_000  # then what was handed over and not sent is erased

# Bundles: what is carried by hand
BUNDLE_PART_BYTES: Final = 1 * MIB  # of each part: the one size there is
# Of a part that goes on paper. At most 160 codes: there are 256 in GF(256).
SLIP_CLASSES_BYTES: Final = tuple([KIB * kib for kib in (2, 4, 8, 16, 24, 32, 48, 64)])
SLIPS_MAX: Final = 8  # of one writing: with all their codes some 80 sides of paper
SLIP_CODES_PER_PAGE: Final = 12  # three by four on one side of A4: see docs/internals/performance.md
SLIP_TEXT_BYTES_MAX: Final = 256 * KIB  # of a text of ours that goes on paper by itself
SLIP_PIECE_BYTES: Final = 512  # of it in one code
SLIP_CODES_READ_MAX: Final = 4_096  # of one reading
BUNDLE_EPOCH_SLOTS: Final = 8  # by which members who hold an epoch's key open a part
BUNDLE_MEMBER_SLOTS_MAX: Final = 32  # by which single members do
BUNDLE_RUNS_MAX: Final = 64  # in one part
BUNDLE_ITEMS_MAX: Final = 512
BUNDLE_FILES_MAX: Final = 64  # files of which a part has chunks, and chunks of one file in it
BUNDLE_RECORDS_TRIED_MAX: Final = 512  # keys of epochs of one campaign that are tried at a part
BUNDLE_SESSIONS_MAX: Final = 4  # bundles being written, and as many being read
BUNDLE_WAITING_MAX: Final = 64  # pieces of at most 256 KiB that a bundle brought and that wait
BUNDLE_STRETCHES_MAX: Final = 65_536  # of logs that a preview tells apart

# Links
FRAME_BYTES_MAX: Final = 65_535  # one Noise transport message
PADDING_CLASSES_BYTES: Final = (512, 2 * KIB, 8 * KIB, 16 * KIB, 32 * KIB, FRAME_BYTES_MAX - 16)
MESSAGE_BYTES_MAX: Final = 1 * MIB  # one session message, over as many frames as it needs
RUN_BYTES_MAX: Final = 256 * KIB  # operations of one run, before framing
RUN_OPERATIONS_MAX: Final = 512
RUNS_IN_FLIGHT_MAX: Final = 4
PAGE_BYTES_MAX: Final = 384 * KIB  # operations of one run of the past, before packing
PACKED_BYTES_MAX: Final = 640 * KIB  # of a packed run: one operation of the largest size fits
HANDSHAKE_TIMEOUT_MS: Final = 10_000
ONION_HANDSHAKE_TIMEOUT_MS: Final = 40_000  # six relays, each of which may be busy
STEADY_FRAME_BYTES: Final = PADDING_CLASSES_BYTES[1]  # of each frame of a steady link, before its seal
STEADY_EVERY_MAX_S: Final = 20  # between two frames of a steady link: below `PING_INTERVAL_MS`
STEADY_PAGE_BYTES: Final = 16 * KIB  # of a run on a steady link, so that what is urgent waits no longer
LINK_IDLE_TIMEOUT_MS: Final = 90_000
PING_INTERVAL_MS: Final = 25_000
LINKS_MAX: Final = 256
KNOCKS_KEPT_MAX: Final = 65_536  # first frames answered, remembered so that none is answered twice
LINKS_PER_ADDRESS_MAX: Final = 32
LINKS_PER_SERVICE_MAX: Final = 96  # through one onion service of this node
HANDSHAKES_PENDING_MAX: Final = 64
LINK_QUEUE_BYTES_MAX: Final = 4 * MIB
LINK_QUEUES_BYTES_MAX: Final = 32 * MIB  # of all links together
DIAL_BACKOFF_MIN_MS: Final = 500
DIAL_BACKOFF_MAX_MS: Final = 60_000
HINTS_MAX: Final = 8  # addresses of one peer
HINT_CHARS_MAX: Final = 255

# Reconciliation
LOOSE_NAMES_PER_MESSAGE_MAX: Final = 1_024  # of what stands in no log, that is told or asked for at once
LOOSE_ITEMS_PER_MESSAGE_MAX: Final = 1_024
LOOSE_MAX: Final = 1_000_000  # operations of a campaign that stand in no author's log
CELLS_MAX: Final = 65_536  # of one sketch: more would cost more than telling all names
CELLS_PER_MESSAGE_MAX: Final = 2_048
FLIGHT_CELLS_MAX: Final = 16_384  # sent before the receiver has said anything to them
RUNGS_PER_LINK_MAX: Final = 64  # logs in which two search for their fork by marks; the others are sent whole
BUCKETS_MAX: Final = 4_096
NAMES_PER_MESSAGE_MAX: Final = 65_536

# Tor
ONION_GRACE_MS: Final = 7 * 24 * 3_600_000  # a campaign's old address is served so long after a removal
BRIDGES_MAX: Final = 16
BRIDGE_CHARS_MAX: Final = 600

# Invitations
INVITATIONS_MAX: Final = 64
INVITATION_LIFETIME_MS: Final = 7 * 24 * 3_600_000
INVITATION_TEXT_CHARS_MAX: Final = 600
INVITATION_LONG_CHARS_MAX: Final = 2_600  # of one that can be answered by a file: it holds a sealing key
INVITATION_LIFETIME_MS_MAX: Final = 4 * INVITATION_LIFETIME_MS
SERVED_INVITATIONS_MAX: Final = 256  # that are known again, so that whoever comes late is told why
CONTACTS_MAX: Final = 1_000
WARNINGS_SHOWN_MAX: Final = 500

# Introductions by a contact
NOTE_CHARS_MAX: Final = 200
ACQUAINTANCE_LIFETIME_MS: Final = 14 * 24 * 3_600_000  # how long both have to accept
ACQUAINTANCES_MAX: Final = 256  # kept, declined ones too until their date
ACQUAINTANCES_UNDECIDED_MAX: Final = 64
ACQUAINTANCES_UNDECIDED_BY_ONE_MAX: Final = 8  # by one contact
BROKERED_MAX: Final = 64  # introductions by me that are under way

# Local API
API_FRAME_BYTES_MAX: Final = 8 * MIB
API_CLIENTS_MAX: Final = 32
API_REQUESTS_MAX: Final = 32  # of one client, not answered yet
API_PAGE_MAX: Final = 500
CHANGES_KEPT_MAX: Final = 4_096  # of a campaign's talk, by name, for screens that ask what is new
SHOWN_AGAIN_MAX: Final = 200  # messages that a screen asks for as they stand now
NOTICE_QUEUE_MAX: Final = 1_024
DRAFTS_MAX: Final = 32  # that a device keeps; all fit into one answer
DRAFT_BYTES_MAX: Final = 240 * KIB
DRAFT_SLOT_CHARS_MAX: Final = 300

# What a member may write before others go first (node.quota)
QUOTA_MINUTE_OPERATIONS: Final = 2_000
QUOTA_MINUTE_BYTES: Final = 8 * MIB
QUOTA_HOUR_OPERATIONS: Final = 4_000  # the user is told
QUOTA_HOUR_BYTES: Final = 64 * MIB
QUOTA_DAY_OPERATIONS: Final = 50_000
QUOTA_DAY_BYTES: Final = 512 * MIB
QUOTA_EPOCH_OPERATIONS: Final = 50  # that an operation weighs which begins an epoch
SLICE_OPERATIONS: Final = 64  # of such a member, taken in one step
BACKLOG_LINK_BYTES_MAX: Final = 2 * MIB  # of such operations waiting, of one link
BACKLOG_BYTES_MAX: Final = 8 * MIB

# Runs that came and are not taken in yet (node.spool)
SPOOL_BYTES_MAX: Final = 1_024 * MIB  # of all campaigns
SPOOL_PEER_BYTES_MAX: Final = 256 * MIB  # brought to one campaign by one member's node
SPOOL_HELD_BYTES_MAX: Final = 2 * MIB  # of these in memory as well, unpacked
SPOOL_AT_LEAST_OPERATIONS: Final = 16  # a smaller run is taken in at once, where nothing waits before it

# Between the world and the core
LANE_EVENTS_MAX: Final = 64  # of one link, waiting for the core
LANE_BYTES_MAX: Final = 384 * KIB
LANES_BYTES_MAX: Final = 8 * MIB  # of all links; each may still hold one frame
STRANGER_LANE_EVENTS_MAX: Final = 3  # of a link that has not shown who it is
STRANGERS_WAITING_MAX: Final = 256
BATCH_BYTES_MAX: Final = 256 * KIB  # of frames, before users are asked again what they want
BATCH_COMMANDS_MAX: Final = 16

# Passphrases, by Argon2id
PASSPHRASE_CHARS_MIN: Final = 8
PASSPHRASE_BYTES_MAX: Final = 1 * KIB
ARGON2_MEMORY_MIN_KIB: Final = 64 * KIB
ARGON2_MEMORY_MAX_KIB: Final = 2 * KIB * KIB
ARGON2_MEMORY_DEFAULT_KIB: Final = 256 * KIB
ARGON2_PASSES_MIN: Final = 3
ARGON2_PASSES_MAX: Final = 64

# Meeting on a local network
NEARBY_MINUTES_MAX: Final = 60
NEARBY_SHOWN_MAX: Final = 256
NEARBY_HINTS_MAX: Final = 4  # addresses of one announcement
DATA_CAP_BYTES_MAX: Final = 2**50  # a cap above this is none
DIAL_BACKOFF_SAVING_MS: Final = 600_000  # while battery and data are saved
SIGHTINGS_MAX: Final = 128  # announcements that are looked at; past this the oldest is forgotten

# Blind relays
ENVELOPE_CLASSES_BYTES: Final = (512, 2_048, 8_192, 32_768, 65_536)
PLACES_ASKED_MAX: Final = 64  # topics in one poll
PLACES_POLLED: Final = 32  # by a node, dummies among them, each time
DEPOSITS_AT_ONCE_MAX: Final = 32  # in one message
DEPOSITS_AT_ONCE_BYTES_MAX: Final = 256 * KIB  # of envelopes in one message, unless one alone is larger
ANSWERS_AT_ONCE_MAX: Final = 64
FOUND_ENVELOPES_MAX: Final = 64  # in one message
FOUND_BYTES_MAX: Final = 256 * KIB
SHELF_LIFE_DAYS: Final = 14  # an envelope is kept
SHELF_LIFE_DAYS_MAX: Final = 30
WORK_BITS_MAX: Final = 24  # leading zeros; a node takes about a second for 2^20 tries
RELAYS_TOLD_MAX: Final = 4  # by one member
BOARDS_MAX: Final = 16  # of a campaign, those that are only read to their end among them
PARTS_MAX: Final = 20  # envelopes over which one parcel goes
PART_BYTES_MAX: Final = 64_000
PARCELS_OPEN_MAX: Final = 8  # of which parts have come, and others not
ANCHORS_MAX: Final = 4
# Sealed beats on boards: the plain frame, before its seal. The small one is taken where no item is larger.
BOARD_BEAT_CLASSES_BYTES: Final = (7_936, BEAT_BYTES)
BOARD_ITEMS_SHOWN_MAX: Final = 8_192  # names of items that stand on one board, remembered
BOARD_ITEMS_EARLY_MAX: Final = 512  # items of rounds that are not known yet, kept for a while
BOARD_BEAT_KEYS_MAX: Final = 8  # of mine, newest first, that are tried at a sealed beat
COVER_MINUTES_MAX: Final = 60  # between two posts at a steady pace
BOARD_FILE_BYTES_MAX: Final = 8 * MIB  # of a file that is asked for over relays
BOARD_CHUNKS_DAY_BYTES_MAX: Final = 16 * MIB  # of files that one node posts on boards in a day
BOARD_CHUNKS_EARLY_MAX: Final = 16  # chunks that nobody here wants yet, kept for a while
BOARD_CHUNKS_QUEUED_MAX: Final = 2 * CHUNKS_MAX  # that are to be posted on one board
DEPOSITS_WAITING_MAX: Final = 16  # that a relay has not answered, of one board
REQUESTS_KEPT_MAX: Final = 64
RELAY_TOPIC_BYTES_MAX: Final = 64 * MIB
RELAY_BYTES_MAX: Final = 4 * 1_024 * MIB
RELAY_LINK_BURST: Final = 2_048  # deposits of one link at once,
RELAY_LINK_PER_SECOND: Final = 256  # and for long
RELAY_LINK_POLLS_PER_MINUTE: Final = 240
RELAY_DEPOSITS_UNDER_WAY_MAX: Final = 128  # of one link
LINKS_PER_LINE_MAX: Final = 64  # over one serial port or radio
