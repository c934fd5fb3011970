"""Everything that a key does, in one table: it makes bindings, key bar, palette, help and docs.

An action runs `run` (an action string of Textual) on the part of the screen that has its scope.
Ctrl+I, M, H and [ are never used: terminals send them for Tab, Enter, Backspace and Escape.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from textual.binding import Binding

from vchat_tui import i18n

SCOPES = (
    "app", "main", "list", "timeline", "composer",
    "users", "user_card", "search", "failed", "settings", "form", "diagnostics", "webhook", "raw",
    "agents", "templates", "orders", "send_form", "next_form", "setup", "users_list", "broadcasts",
    "broadcast", "template_form", "inbox", "inbox_check", "notices",
)  # fmt: skip


def _(message: str) -> str:
    """Marks a text for the catalogues; it is translated where it is shown."""
    return message


@dataclass(frozen=True)
class Action:
    """Something that a person can do.

    Attributes:
        id: unique, for remapping keys.
        keys: as Textual names them, the one to show first. Empty: only in the palette.
        label: a few words, for key bar and palette.
        help: one sentence.
        scope: where it works, one of SCOPES.
        group: heading in the help.
        run: the Textual action.
        bar: shown in the key bar.
        priority: before the focused widget sees the key.
    """

    id: str
    keys: tuple[str, ...]
    label: str
    help: str
    scope: str
    group: str
    run: str
    bar: bool = False
    priority: bool = False


_GO = _("Go to")
_DO = _("Conversation")
_SHOW = _("Show")
_MESSAGE = _("Message")
_WRITE = _("Writing")
_PROGRAM = _("Program")
_HERE = _("Here")

ACTIONS: tuple[Action, ...] = (
    Action("help", ("f1", "question_mark"), _("Help"), _("The keys that work here"),
           "app", _PROGRAM, "app.help", bar=True),
    Action("palette", ("ctrl+p",), _("All actions"), _("Find any action by its name"),
           "app", _PROGRAM, "app.palette", bar=True, priority=True),
    Action("theme", (), _("Next theme"), _("Dark, light, or the terminal's own colours"),
           "app", _PROGRAM, "app.next_theme"),
    Action("language", (), _("English / Español"), _("Switch the language of the console"),
           "app", _PROGRAM, "app.switch_language"),
    Action("choose-agent", ("f8",), _("Who sits here"),
           _("Say which agent you are, or that somebody else is"),
           "app", _PROGRAM, "app.choose_agent"),
    Action("away", ("f9",), _("Away or back"),
           _("While you are away, notices go to your phone and e-mail"),
           "app", _PROGRAM, "app.toggle_away"),
    Action("redraw", (), _("Draw again"), _("After another program wrote on the terminal"),
           "app", _PROGRAM, "app.redraw"),
    Action("quit", ("ctrl+q",), _("Quit"), _("Leave; what you typed is kept"),
           "app", _PROGRAM, "app.leave", priority=True),
    # ---- the main screen, wherever the focus is
    Action("next-unread", ("ctrl+n",), _("Next unread"),
           _("Open the unread conversation that waits longest"),
           "main", _GO, "screen.next_unread", bar=True, priority=True),
    Action("go-to", ("ctrl+g",), _("Go to"), _("Open a conversation by name, number or e-mail"),
           "main", _GO, "screen.go_to", bar=True, priority=True),
    Action("focus-list", ("ctrl+l",), _("Conversation list"), _("Back to the list"),
           "main", _GO, "screen.focus_list", priority=True),
    Action("search", ("ctrl+f",), _("Search"), _("Search all messages"),
           "main", _GO, "screen.visit('search')", bar=True, priority=True),
    Action("users", ("f2",), _("Users"), _("Customers: browse, edit, start a conversation"),
           "main", _SHOW, "screen.visit('users')"),
    Action("failed", ("f3",), _("Failed"), _("Messages that failed or whose fate is unknown"),
           "main", _SHOW, "screen.visit('failed')"),
    Action("diagnostics", ("f4",), _("Diagnostics"), _("Is everything connected and well?"),
           "main", _SHOW, "screen.visit('diagnostics')"),
    Action("broadcasts", ("f6",), _("Broadcasts"), _("One message to many customers, and how it goes"),
           "main", _SHOW, "screen.visit('broadcasts')"),
    Action("settings", ("f5",), _("Settings"), _("Numbers, tokens and the server"),
           "main", _SHOW, "screen.visit('settings')"),
    Action("details", ("ctrl+o",), _("Details"), _("Show or hide what we know of the customer"),
           "main", _SHOW, "screen.details", priority=True),
    Action("user-card", (), _("Customer card"), _("See and edit the customer"),
           "main", _SHOW, "screen.user_card"),
    # A text box takes what is printable, with Alt too, unless the binding has priority.
    Action("more-kinds", ("alt+m",), _("More kinds"),
           _("Send buttons, a list, products, a form, and other kinds of message"),
           "main", _WRITE, "screen.answer_by('kind')", priority=True),
    # Most terminals send for Alt+F what they send for Ctrl+Right: it cannot be the only key.
    Action("attach", ("f7", "alt+f"), _("Attach a file"),
           _("Send pictures, documents, sound; a path pasted where you write does the same"),
           "main", _WRITE, "screen.answer_by('file')", priority=True),
    Action("template", ("ctrl+t",), _("Template"),
           _("Send a template, also when free text may not be sent"),
           "main", _WRITE, "screen.answer_by('template')", priority=True),
    Action("hold", ("alt+w",), _("Write and hold"),
           _("Write an answer that goes by itself once the customer writes"),
           "main", _WRITE, "screen.answer_by('holding')", priority=True),
    Action("sms", ("alt+s",), _("SMS"),
           _("Send what you typed as an SMS now; with nothing typed, write one"),
           "main", _WRITE, "screen.answer_by('sms')", priority=True),
    Action("archive", ("alt+a",), _("Archive"), _("The work on this conversation is done"),
           "main", _DO, "screen.move('archive')", priority=True),
    Action("restore", ("alt+i",), _("Restore"), _("Back to the inbox"),
           "main", _DO, "screen.move('inbox')", priority=True),
    Action("trash", ("alt+d",), _("Delete"), _("To the trash; can be undone"),
           "main", _DO, "screen.move('trash')", priority=True),
    Action("undo", ("alt+z",), _("Undo"),
           _("Take back a held answer that is about to go, else the last move"),
           "main", _DO, "screen.undo", priority=True),
    Action("assign-agent", ("alt+g",), _("Give to an agent"), _("Whose this conversation is"),
           "main", _DO, "screen.assign('agent')", priority=True),
    Action("assign-department", ("alt+p",), _("Give to a department"),
           _("To which department this conversation belongs"),
           "main", _DO, "screen.assign('department')", priority=True),
    Action("mark-read", ("alt+r",), _("Mark read"), _("Nothing in it is unread"),
           "main", _DO, "screen.mark_read", priority=True),
    Action("mark-unread", ("alt+u",), _("Mark unread"), _("Keep it for later"),
           "main", _DO, "screen.mark_unread", priority=True),
    # ---- the conversation list
    Action("list-open", ("enter",), _("Open"), _("Open the conversation"),
           "list", _GO, "select", bar=True),
    Action("list-archive", ("a",), _("Archive"), _("The work on this conversation is done"),
           "list", _DO, "screen.move('archive')", bar=True),
    Action("list-restore", ("i",), _("Restore"), _("Back to the inbox"),
           "list", _DO, "screen.move('inbox')"),
    Action("list-trash", ("d", "delete"), _("Delete"), _("To the trash; can be undone"),
           "list", _DO, "screen.move('trash')", bar=True),
    Action("list-undo", ("z",), _("Undo"), _("Take the last move back"),
           "list", _DO, "screen.undo"),
    Action("list-read", ("r",), _("Mark read"), _("Nothing in it is unread"),
           "list", _DO, "screen.mark_read"),
    Action("list-unread", ("u",), _("Mark unread"), _("Keep it for later"),
           "list", _DO, "screen.mark_unread"),
    Action("list-agent", ("g",), _("Give to an agent"), _("Whose this conversation is"),
           "list", _DO, "screen.assign('agent')"),
    Action("list-department", ("p",), _("Give to a department"),
           _("To which department this conversation belongs"),
           "list", _DO, "screen.assign('department')"),
    Action("filter-mine", ("m",), _("Mine"), _("Only what was given to you, or everybody's again"),
           "list", _SHOW, "screen.filter('mine')"),
    Action("filter-inbox", ("1",), _("Inbox"), _("Conversations in the inbox"),
           "list", _SHOW, "screen.filter('inbox')"),
    Action("filter-unread", ("2",), _("Unread"), _("Only those with something unread"),
           "list", _SHOW, "screen.filter('unread')"),
    Action("filter-archive", ("3",), _("Archived"), _("Conversations that are done"),
           "list", _SHOW, "screen.filter('archive')"),
    Action("filter-trash", ("4",), _("Trash"), _("Deleted conversations"),
           "list", _SHOW, "screen.filter('trash')"),
    Action("filter-number", ("f",), _("One number"),
           _("Conversations of one of our numbers: the next one, then all again"),
           "list", _SHOW, "screen.filter('number')"),
    Action("filter-closing", ("5",), _("Closing soon"),
           _("Open windows, the first to close on top"),
           "list", _SHOW, "screen.filter('closing')"),
    # ---- the timeline
    Action("write", ("enter",), _("Write"), _("Put the cursor where you write"),
           "timeline", _WRITE, "write", bar=True),
    Action("quote", ("q",), _("Reply to it"), _("Quote the marked message in your answer"),
           "timeline", _MESSAGE, "quote", bar=True),
    Action("retry", ("t",), _("Try again"), _("Send the failed message, or fetch its file, again"),
           "timeline", _MESSAGE, "retry"),
    Action("arrived", ("v",), _("It arrived"), _("You know that the customer has it"),
           "timeline", _MESSAGE, "arrived"),
    Action("send-again", ("s",), _("Send again"), _("Send a message of unknown fate once more"),
           "timeline", _MESSAGE, "send_again"),
    Action("react", ("e",), _("React"), _("Put an emoji on the marked message"),
           "timeline", _MESSAGE, "react"),
    Action("open-file", ("x",), _("Open file"), _("Show the file of the marked message"),
           "timeline", _MESSAGE, "open_file"),
    Action("save-file", ("w",), _("Save file"), _("Keep the file on this machine"),
           "timeline", _MESSAGE, "save_file"),
    Action("hold-failed", ("h",), _("Hold it"),
           _("Keep the failed message until the customer writes"),
           "timeline", _MESSAGE, "hold_failed"),
    Action("held-send", ("n",), _("Send now"),
           _("Send the held answer now; while the window is closed, a template"),
           "timeline", _MESSAGE, "send_held"),
    Action("held-back", ("b",), _("Take back"), _("The held answer does not go by itself"),
           "timeline", _MESSAGE, "take_back"),
    Action("held-edit", ("c",), _("Change"), _("Put the held answer back where you write"),
           "timeline", _MESSAGE, "edit_held"),
    Action("held-discard", ("d",), _("Discard"), _("Forget the held answer"),
           "timeline", _MESSAGE, "discard_held"),
    Action("elsewhere", ("g",), _("The SMS"),
           _("Show the SMS that the marked message tells of, in its own conversation"),
           "timeline", _MESSAGE, "go_elsewhere"),
    Action("copy", ("y",), _("Copy"), _("Copy the text of the marked message"),
           "timeline", _MESSAGE, "copy"),
    Action("show-all", ("o",), _("Show all"), _("The whole text of a folded message"),
           "timeline", _MESSAGE, "show_all"),
    Action("raw", ("r",), _("Raw"), _("The message as the provider sent it"),
           "timeline", _MESSAGE, "raw", bar=True),
    Action("timeline-back", ("escape",), _("Back"), _("Back to the conversation list"),
           "timeline", _GO, "back", bar=True),
    # ---- the composer
    Action("send", ("enter",), _("Send"), _("Send what you typed"),
           "composer", _WRITE, "send", bar=True),
    Action("newline", ("ctrl+j", "alt+enter", "shift+enter"), _("New line"),
           _("A line break in the message"),
           "composer", _WRITE, "newline", bar=True),
    Action("segments", ("alt+x",), _("Segments"),
           _("Show how an SMS is cut into segments, each of which is paid for"),
           "composer", _WRITE, "segments"),
    Action("composer-back", ("escape",), _("Back"), _("Stop quoting, else to the messages"),
           "composer", _GO, "leave", bar=True),
    # ---- the other screens
    Action("users-open", ("enter",), _("Open"), _("Open the conversation of the marked customer"),
           "users", _GO, "screen.open", bar=True),
    Action("users-filter", ("slash",), _("Filter"), _("Type a name, number, e-mail or username"),
           "users", _GO, "screen.focus_filter", bar=True),
    Action("users-list", ("down",), _("To the list"), _("From the filter to the list"),
           "users", _GO, "screen.focus_list"),
    # With Alt where the filter has the focus, without it in the list.
    Action("users-new", ("alt+n",), _("New"), _("Write to a phone number"),
           "users", _HERE, "screen.new", bar=True, priority=True),
    Action("users-edit", ("alt+e",), _("Edit"), _("Correct the customer's details"),
           "users", _HERE, "screen.edit", bar=True, priority=True),
    Action("users-card", ("alt+c",), _("Card"), _("All that we know of the customer"),
           "users", _HERE, "screen.card", bar=True, priority=True),
    Action("users-list-new", ("n",), _("New"), _("Write to a phone number"),
           "users", _HERE, "screen.new"),
    Action("users-list-edit", ("e",), _("Edit"), _("Correct the customer's details"),
           "users", _HERE, "screen.edit"),
    Action("users-list-card", ("c",), _("Card"), _("All that we know of the customer"),
           "users", _HERE, "screen.card"),
    Action("users-back", ("escape",), _("Back"), _("Back to the conversations"),
           "users", _GO, "screen.back", bar=True),
    Action("users-select", ("space",), _("Select"), _("For a broadcast: select the marked customer"),
           "users_list", _HERE, "choose", bar=True),
    Action("users-select-all", ("A",), _("All"),
           _("For a broadcast: select everybody whom the filter finds"),
           "users_list", _HERE, "choose_all", bar=True),
    Action("users-broadcast", ("b",), _("Broadcast"), _("One message to all who are selected"),
           "users_list", _HERE, "screen.broadcast", bar=True),
    Action("user-card-edit", ("e",), _("Edit"), _("Correct the customer's details"),
           "user_card", _HERE, "screen.edit", bar=True),
    Action("user-card-template", ("t",), _("Template"), _("Send a template to this customer"),
           "user_card", _HERE, "screen.template", bar=True),
    Action("user-card-opt-out", ("o",), _("Marketing"),
           _("The customer wants no marketing and no broadcasts, or wants them again"),
           "user_card", _HERE, "screen.opt_out", bar=True),
    Action("user-card-back", ("escape",), _("Back"), _("Close the card"),
           "user_card", _GO, "screen.back", bar=True),
    Action("search-open", ("enter",), _("Open"), _("Show the message in its conversation"),
           "search", _GO, "screen.open", bar=True),
    Action("search-words", ("slash",), _("Words"), _("Change what is searched for"),
           "search", _GO, "screen.focus_words", bar=True),
    Action("search-list", ("down",), _("To the list"), _("From the words to what was found"),
           "search", _GO, "screen.focus_list"),
    Action("search-back", ("escape",), _("Back"), _("Back to the conversations"),
           "search", _GO, "screen.back", bar=True),
    Action("failed-open", ("enter",), _("Open"), _("Show the message in its conversation"),
           "failed", _GO, "screen.open", bar=True),
    Action("failed-retry", ("t",), _("Try again"), _("Send the failed message again"),
           "failed", _MESSAGE, "screen.retry", bar=True),
    Action("failed-arrived", ("v",), _("It arrived"), _("You know that the customer has it"),
           "failed", _MESSAGE, "screen.arrived", bar=True),
    Action("failed-again", ("s",), _("Send again"),
           _("Send a message of unknown fate once more"),
           "failed", _MESSAGE, "screen.send_again", bar=True),
    Action("failed-back", ("escape",), _("Back"), _("Back to the conversations"),
           "failed", _GO, "screen.back", bar=True),
    Action("settings-open", ("enter",), _("Open"), _("Change the marked settings"),
           "settings", _GO, "screen.open", bar=True),
    Action("settings-add", ("n",), _("Add a number"), _("Connect a number for WhatsApp or SMS"),
           "settings", _HERE, "screen.add", bar=True),
    Action("settings-guide", ("g",), _("Guided set-up"),
           _("Connect the marked number, or a new one, step by step"),
           "settings", _HERE, "screen.guide", bar=True),
    Action("settings-back", ("escape",), _("Back"), _("Back to the conversations"),
           "settings", _GO, "screen.back", bar=True),
    Action("notices-settings", ("s",), _("Settings"),
           _("Who is told by SMS and e-mail, through what, with which words"),
           "notices", _HERE, "screen.settings", bar=True),
    Action("notices-test", ("t",), _("Test"), _("Send a sample and see what becomes of it"),
           "notices", _HERE, "screen.test", bar=True),
    Action("notices-try", ("w",), _("Who is told?"),
           _("Who would be told if a customer wrote now, and why; sends nothing"),
           "notices", _HERE, "screen.try", bar=True),
    Action("notices-retry", ("r",), _("Send again"),
           _("Send the marked notice that failed once more"),
           "notices", _HERE, "screen.retry", bar=True),
    Action("notices-filter", ("f",), _("Filter"), _("Only failed ones, only sent ones … all"),
           "notices", _SHOW, "screen.filter", bar=True),
    Action("notices-back", ("escape",), _("Back"), _("Back to the settings"),
           "notices", _GO, "screen.back", bar=True),
    Action("setup-open", ("enter",), _("Fill in"), _("Fill in the marked step, or go on"),
           "setup", _GO, "screen.open", bar=True),
    Action("setup-next", ("n",), _("Next step"), _("The next step that is not done"),
           "setup", _GO, "screen.next_step", bar=True),
    Action("setup-copy", ("c",), _("Copy the URL"), _("The Configuration URL, to paste at Meta"),
           "setup", _HERE, "screen.copy", bar=True),
    Action("setup-copy-key", ("k",), _("Copy the key"), _("The secret key, to paste at Meta"),
           "setup", _HERE, "screen.copy_key", bar=True),
    Action("setup-generate", ("g",), _("Generate a key"), _("Invent another secret key"),
           "setup", _HERE, "screen.generate"),
    Action("setup-subscribe", ("s",), _("Subscribe"),
           _("Have the account's messages sent to our app"),
           "setup", _HERE, "screen.subscribe", bar=True),
    Action("setup-check", ("r",), _("Check again"), _("Ask Meta now"),
           "setup", _HERE, "screen.check", bar=True),
    Action("setup-back", ("escape",), _("Back"), _("To the list of steps, then away; all is saved"),
           "setup", _GO, "screen.back", bar=True),
    Action("form-save", ("ctrl+s",), _("Save"), _("Check and save what you typed"),
           "form", _HERE, "screen.save", bar=True, priority=True),
    Action("send-form-send", ("ctrl+s",), _("Send"), _("Check and send what you typed"),
           "send_form", _HERE, "screen.save", bar=True, priority=True),
    Action("send-form-back", ("escape",), _("Back"), _("Leave; unsaved changes ask first"),
           "send_form", _GO, "screen.back", bar=True),
    Action("next-form-go", ("ctrl+s",), _("Go on"), _("Check what you typed, and go on"),
           "next_form", _HERE, "screen.save", bar=True, priority=True),
    Action("next-form-back", ("escape",), _("Back"), _("Leave; unsaved changes ask first"),
           "next_form", _GO, "screen.back", bar=True),
    Action("value-kind", ("alt+k",), _("Amount, date"),
           _("Send a value that reads as an amount or a date as such, or as text"),
           "template_form", _HERE, "screen.switch_kind", bar=True, priority=True),
    Action("inbox-copy", ("alt+u",), _("Copy the URL"),
           _("The Configuration URL, to paste at the provider"),
           "inbox", _HERE, "screen.copy_url", bar=True),
    Action("inbox-check-again", ("r",), _("Check again"), _("Ask the provider now"),
           "inbox_check", _HERE, "screen.check", bar=True),
    Action("inbox-check-copy", ("c",), _("Copy the URL"),
           _("The Configuration URL, to paste at the provider"),
           "inbox_check", _HERE, "screen.copy_url", bar=True),
    Action("inbox-check-register", ("s",), _("Register"),
           _("Have the provider send messages to this server"),
           "inbox_check", _HERE, "screen.register", bar=True),
    Action("inbox-check-back", ("escape",), _("Back"), _("Back to the settings"),
           "inbox_check", _GO, "screen.back", bar=True),
    Action("form-back", ("escape",), _("Back"), _("Leave; unsaved changes ask first"),
           "form", _GO, "screen.back", bar=True),
    Action("templates-open", ("enter",), _("Choose"), _("Fill in the marked template"),
           "templates", _GO, "screen.open", bar=True),
    Action("templates-filter", ("slash",), _("Filter"), _("Type a name, language or category"),
           "templates", _GO, "screen.focus_filter"),
    Action("templates-list", ("down",), _("To the list"), _("From the filter to the list"),
           "templates", _GO, "screen.focus_list"),
    Action("templates-sync", ("alt+r",), _("Read again"), _("Ask the provider for all templates now"),
           "templates", _HERE, "screen.sync", bar=True, priority=True),
    Action("templates-all", ("alt+l",), _("All"),
           _("All templates with the reason why some cannot be sent, or only the others"),
           "templates", _HERE, "screen.toggle_all", bar=True, priority=True),
    Action("templates-hide", ("alt+h",), _("Hide or show"),
           _("Offer the marked template to agents, or do not"),
           "templates", _HERE, "screen.hide", priority=True),
    Action("templates-back", ("escape",), _("Back"), _("Leave without choosing"),
           "templates", _GO, "screen.back", bar=True),
    Action("diagnostics-open", ("enter",), _("Open"), _("The marked inbox or webhook"),
           "diagnostics", _GO, "screen.open", bar=True),
    Action("diagnostics-resume", ("p",), _("Resume"), _("Send again on a paused inbox"),
           "diagnostics", _HERE, "screen.resume", bar=True),
    Action("diagnostics-orders", ("o",), _("Orders"), _("Orders on their way to the shop"),
           "diagnostics", _GO, "screen.orders", bar=True),
    Action("diagnostics-refresh", ("r",), _("Refresh"), _("Read everything again"),
           "diagnostics", _HERE, "screen.refresh_now", bar=True),
    Action("diagnostics-back", ("escape",), _("Back"), _("Back to the conversations"),
           "diagnostics", _GO, "screen.back", bar=True),
    Action("webhook-replay", ("R",), _("Replay"), _("Read and apply it again"),
           "webhook", _HERE, "screen.replay", bar=True),
    Action("webhook-back", ("escape",), _("Back"), _("Back to the diagnostics"),
           "webhook", _GO, "screen.back", bar=True),
    Action("orders-open", ("enter",), _("Open"), _("Show the order in its conversation"),
           "orders", _GO, "screen.open", bar=True),
    Action("orders-resend", ("t",), _("Send again"), _("Post the marked order now"),
           "orders", _HERE, "screen.resend", bar=True),
    Action("orders-resend-dead", ("T",), _("All given up"),
           _("Post all orders again that were given up"),
           "orders", _HERE, "screen.resend_dead", bar=True),
    Action("orders-back", ("escape",), _("Back"), _("Back to the diagnostics"),
           "orders", _GO, "screen.back", bar=True),
    Action("broadcasts-open", ("enter",), _("Open"), _("How the marked broadcast goes"),
           "broadcasts", _GO, "screen.open", bar=True),
    Action("broadcasts-new", ("n",), _("New"), _("A broadcast to numbers that you type or paste"),
           "broadcasts", _HERE, "screen.new", bar=True),
    Action("broadcasts-back", ("escape",), _("Back"), _("Back to the conversations"),
           "broadcasts", _GO, "screen.back", bar=True),
    Action("broadcast-start", ("s",), _("Start"), _("Send it now; you are asked once more"),
           "broadcast", _HERE, "screen.start", bar=True),
    Action("broadcast-schedule", ("w",), _("Later"), _("Have it start by itself at a time"),
           "broadcast", _HERE, "screen.schedule", bar=True),
    Action("broadcast-test", ("t",), _("Test"), _("Send the first message to a number of yours"),
           "broadcast", _HERE, "screen.test", bar=True),
    Action("broadcast-pause", ("p",), _("Pause or resume"), _("Stop sending, or go on"),
           "broadcast", _HERE, "screen.pause", bar=True),
    Action("broadcast-cancel", ("x",), _("End"), _("End it for good; throw a draft away"),
           "broadcast", _HERE, "screen.cancel", bar=True),
    Action("broadcast-retry", ("f",), _("Failed again"), _("Send the failed messages again"),
           "broadcast", _HERE, "screen.retry"),
    Action("broadcast-closed", ("m",), _("Template"),
           _("A template for those whom the text cannot reach: their window is closed"),
           "broadcast", _HERE, "screen.send_closed"),
    Action("broadcast-filter", ("v",), _("Which"), _("Recipients of another state"),
           "broadcast", _SHOW, "screen.filter", bar=True),
    Action("broadcast-open", ("enter",), _("Open"), _("The conversation of the marked recipient"),
           "broadcast", _GO, "screen.open"),
    Action("broadcast-export", ("e",), _("Export"), _("All recipients as a CSV file"),
           "broadcast", _HERE, "screen.export", bar=True),
    Action("broadcast-back", ("escape",), _("Back"), _("Leave it; it goes on"),
           "broadcast", _GO, "screen.back", bar=True),
    Action("agents-open", ("enter",), _("Change"), _("Change the marked agent"),
           "agents", _GO, "screen.open", bar=True),
    Action("agents-new", ("n",), _("Add"), _("Add an agent"),
           "agents", _HERE, "screen.new", bar=True),
    Action("agents-delete", ("d", "delete"), _("Remove"), _("Remove the marked agent, after a question"),
           "agents", _HERE, "screen.delete", bar=True),
    Action("agents-back", ("escape",), _("Back"), _("Back to the settings"),
           "agents", _GO, "screen.back", bar=True),
    Action("raw-copy", ("y",), _("Copy"), _("Copy all of it"),
           "raw", _HERE, "screen.copy", bar=True),
    Action("raw-back", ("escape",), _("Back"), _("Close it"),
           "raw", _GO, "screen.back", bar=True),
)  # fmt: skip


def in_scope(scope: str) -> list[Action]:
    """The actions of a scope, in the order of the table."""
    return [action for action in ACTIONS if action.scope == scope]


def action_of(action_id: str) -> Action:
    """The action with this id."""
    return next(action for action in ACTIONS if action.id == action_id)


class _Own:
    """The keys that the person at this terminal chose instead, by action id."""

    keys: Mapping[str, tuple[str, ...]] = {}


def use_keys(keys: Mapping[str, tuple[str, ...]]) -> None:
    """Name these keys from now on instead of those of the table."""
    _Own.keys = keys


def keys_of(action: Action) -> tuple[str, ...]:
    """The keys of an action, as Textual names them; the one to show first."""
    return _Own.keys.get(action.id, action.keys)


def key_of(action_id: str) -> str:
    """The key of an action, as people read it."""
    return key_name(keys_of(action_of(action_id))[0])


def bindings(scope: str) -> list[Binding]:
    """The keys of a scope, as Textual wants them on a widget, a screen or the app."""
    return [
        Binding(
            ",".join(action.keys),
            action.run,
            action.label,
            show=False,
            id=action.id,
            priority=action.priority,
        )
        for action in in_scope(scope)
        if action.keys
    ]


def key_name(key: str) -> str:
    """A key as it stands on the reader's keyboard: `ctrl+p` becomes `Ctrl+P`."""
    names = {"question_mark": "?", "escape": "Esc", "enter": "Enter",
             "delete": i18n._("Del"), "slash": "/", "space": i18n._("Space"),
             "pageup": "PgUp", "pagedown": "PgDn"}  # fmt: skip
    parts = [
        names.get(part, part.capitalize() if len(part) > 1 or "+" in key else part)
        for part in key.split("+")
    ]
    return "+".join(parts)
