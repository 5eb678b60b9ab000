"""Messages waiting to be sent: lease, attempt written first, send, answer written after (decision 7).

The states of a message and its allowed moves are in incidents/case/message_machine.py. The steps of one round:

1. One transaction leases a batch: messages that are due become ``in_flight`` until the lease ends, and an attempt row
   with the SHA-256 of the body is written for each.
2. Outside any transaction the batch is handed to the channel.
3. One transaction writes the answer: accepted, to be tried again, rejected, or *uncertain* (the answer never came).

Killed between 1 and 3, a message is found by its expired lease and becomes ``uncertain``, never ``pending``: it may
have gone out. An alert is then sent again at once (a second alert does no harm); a letter waits for the provider's
event or for a person's recorded decision, unless its channel can repeat without doubling.
"""

from __future__ import annotations

import hashlib
import logging
import math
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlmodel import Session, col, func, or_, select

from incidents.audit.chain import lock_chain
from incidents.audit.tallies import begin_attempts, finish_attempts, move_messages
from incidents.case.lifecycle import Stage
from incidents.case.message_machine import NO_ANSWER, MessageEvent, MessageState, target_of
from incidents.kernel.clock import Clock
from incidents.storage.database import Store
from incidents.storage.encryption import DecryptionError, MasterKeyError
from incidents.storage.stops import pause_of, stop_of
from incidents.storage.tables.case import Incident
from incidents.storage.tables.communication import Attempt, Draft, Message
from incidents.storage.tables.obligations import Alert
from notifications.delivery import pauses
from notifications.delivery.address_book import Address, AddressBook
from notifications.delivery.answer_effects import costs_an_attempt, counted, effect_of
from notifications.delivery.channel import (
    Accepted,
    Letter,
    NotHandedOver,
    PageMessage,
    Pager,
    PermanentFailure,
    SendError,
)
from notifications.delivery.message_queue import MessageQueue, drop_acknowledged, for_us_alone
from notifications.delivery.model import (
    ALERTS,
    ENDS,
    LETTERS,
    MAIL,
    Channels,
    DeliveryResult,
    LeasedMessage,
    RetryPolicy,
)

log = logging.getLogger(__name__)

PAUSED = "paused"
"""The outcome of an attempt that met only a pause: nobody looked at the letter, and it lost nothing by it."""


@dataclass(frozen=True, kw_only=True)
class Outbox:
    """The way out: leases what is due, sends it, writes down what became of it."""

    store: Store
    book: AddressBook
    channels: Channels
    clock: Clock
    holder: str
    """Names this process in the lease."""
    retry_policy: RetryPolicy = field(default_factory=RetryPolicy)
    reply_to: str | None = None
    """Where answers to letters go: the contact point (Art. 33(3)(b) GDPR)."""
    personalise: Callable[[Draft, Address], tuple[str, str, str | None]] | None = None
    """Puts a merchant's own figures into the approved text: (subject, text, html)."""
    tell_refused: Callable[[Session, Incident, datetime], None] = lambda _session, _incident, _now: None
    """Called once when the provider begins to refuse our key: a person must hear of it by another channel."""
    pause: Callable[[str], None] = lambda _point: None
    """Called between every two side effects; tests stop the world here."""

    @property
    def _queue(self) -> MessageQueue:
        return MessageQueue(retry_policy=self.retry_policy, mail_repeats_safely=self.channels.mail_repeats_safely)

    def deliver(
        self,
        kinds: Collection[str],
        *,
        most: int = 100_000,
        incident_id: int | None = None,
        within: float = math.inf,
    ) -> DeliveryResult:
        """Send everything of these kinds that is due, batch by batch; give what became of it.

        Args:
            kinds: The kinds of message.
            most: No batch begins once so many were handled.
            incident_id: Of this case alone, if given.
            within: No batch begins after so many seconds; the first one always does.

        """
        total, ends = DeliveryResult(), time.monotonic() + within
        # Asked before each batch and not within one: the last batch may go past *most*, so that none is torn apart.
        while total.handled < most and (not total.handled or time.monotonic() < ends):
            leased = self._lease(kinds, incident_id)
            if leased is None:
                break
            self.pause("after_lease")
            total = total.plus(self._send(leased))
            self.pause("after_answer")
        return total

    def _lease(self, kinds: Collection[str], incident_id: int | None) -> LeasedMessage | None:
        """Step 1: lease the batch that has waited longest; ``None`` where nothing is due."""
        with self.store.write() as session:
            # The lock of the chain before any row, as in every writer of it: a hold or a dismissal is recorded before
            # the look below, or it waits for the lease.
            lock_chain(session)
            # Read only once the lock is won: by an older reading a lease that was given meanwhile would seem too long.
            now = self.store.now(session, self.clock)
            # First of all: what a process that died left in flight is settled before more is leased.
            self._queue.settle_lost(session, now)
            if not ALERTS.isdisjoint(kinds):
                drop_acknowledged(session)
            due = for_us_alone(self._queue.due(session, kinds, now, incident_id))
            first = session.exec(due.order_by(col(Message.next_try_at), col(Message.id)).limit(1)).first()
            if first is None:
                return None
            # The first one decides and the others follow it: the oldest message never waits until its like fill a
            # batch.
            batch = self._batch_like(session, first, now)
            return self._take(session, batch, now)

    def _batch_like(self, session: Session, first: Message, now: datetime) -> tuple[Message, ...]:
        """Letters that share every byte travel together; an alert or a merchant's own notice travels alone."""
        if first.channel != MAIL or first.draft_id is None or first.kind != "people":
            return (first,)
        messages = session.exec(
            for_us_alone(self._queue.due(session, [first.kind], now, first.incident_id))
            .where(Message.draft_id == first.draft_id)
            .order_by(col(Message.id))
            .limit(self.channels.mail.batch_limit)
        ).all()
        return tuple(messages)

    def _take(self, session: Session, batch: tuple[Message, ...], now: datetime) -> LeasedMessage:
        incident = session.get_one(Incident, batch[0].incident_id)
        draft = session.get(Draft, batch[0].draft_id) if batch[0].draft_id else None
        # Addresses are opened in the transaction that leases, so that a batch whose addresses do not open is leased and
        # answered like any other: it gets an attempt, a problem and a wait, and does not come back at once.
        thread = _thread_of(session, batch[0]) if batch[0].kind in ALERTS else None
        leased = LeasedMessage(incident=incident, draft=draft, messages=batch, addresses={}, thread=thread)
        leased = self._addressed(session, leased)
        # Subject and text are enough: the HTML body is made from the text and adds nothing.
        digest = hashlib.sha256("\0".join(self._words(leased)[:2]).encode()).hexdigest()
        doubted = _doubted(session, batch)
        # Written before anything is sent: a process killed after this leaves the trace that something may have left.
        begin_attempts(
            session,
            batch[0].incident_id,
            [
                {
                    "message_id": message.id,
                    "number": message.attempts + 1,
                    "started_at": now,
                    "body_sha256": digest,
                    "repeats_uncertain": message.problem == NO_ANSWER or message.id in doubted,
                }
                for message in batch
            ],
        )
        move_messages(
            session,
            MessageEvent.LEASED,
            col(Message.id).in_([message.id for message in batch]),
            attempts=col(Message.attempts) + 1,
            next_try_at=None,
            lease_until=now + self.retry_policy.lease,
            leased_by=self.holder,
        )
        # The rows are read after the transaction has ended; detached, they cannot write anything by accident.
        session.expunge_all()
        return leased

    def _addressed(self, session: Session, leased: LeasedMessage) -> LeasedMessage:
        """Open the addresses of a batch; with another master key nothing is burned, the batch waits."""
        try:
            opened = self.book.open(session, leased.incident, [message.recipient for message in leased.messages])
        except (DecryptionError, MasterKeyError) as error:
            return replace(leased, failure=PermanentFailure(str(error), whose="configuration"))
        return replace(leased, addresses=opened)

    def _send(self, leased: LeasedMessage) -> DeliveryResult:
        """Step 2: hand a batch to its channel, in parts where the channel refuses the whole."""
        if leased.failure is not None:
            return self._answer(leased.messages, leased.failure)
        # An address that does not open is given up before the call, not in it: one damaged row must not have the batch
        # refused. Parted by key, here and in `_part`: comparing 10,000 rows with each other outlasts the lease.
        unknown = [message for message in leased.messages if message.recipient not in leased.addresses]
        if unknown:
            message = "the recipient is no longer on its list, or the address kept for it is damaged"
            rejected = self._answer(unknown, PermanentFailure(message, whose="recipient"))
            rest = tuple(message for message in leased.messages if message.recipient in leased.addresses)
            return rejected if not rest else rejected.plus(self._send(replace(leased, messages=rest)))
        if stopped := self._stopped(leased):
            return self._answer(leased.messages, stopped)
        try:
            accepted = self._hand_over(leased)
        # The order of the two matters: a permanent failure is a SendError, too, and it alone says that a part of the
        # batch may be all right.
        except PermanentFailure as failure:
            return self._part(leased, failure)
        except SendError as failure:
            return self._answer(leased.messages, failure)
        self.pause("after_send")
        return self._answer(leased.messages, accepted)

    def _stopped(self, leased: LeasedMessage) -> NotHandedOver | None:
        """Look once more before each request: a hold or a pause may have come since the lease, or by the last part."""
        first, now = leased.messages[0], self.clock()
        with self.store.read() as session:
            if first.kind in LETTERS and (why := stop_of(session, first.incident_id)):
                return NotHandedOver(why)
            paused = pause_of(session, first.channel, now)
        if paused is None:
            return None
        message = f"the channel is paused until {paused.until.isoformat()}: {paused.because}"
        return NotHandedOver(message, retry_after=paused.until - now)

    def _hand_over(self, leased: LeasedMessage) -> Accepted:
        subject, text, html = self._words(leased)
        first = leased.messages[0]
        if first.channel != MAIL:
            action = ENDS.get(first.kind, "trigger")
            page = PageMessage(key=first.key, title=subject, body=text, thread=leased.thread, action=action)
            return self._pager(first.channel).page(page)
        letters = [
            Letter(
                key=message.key,
                to=leased.addresses[message.recipient].email,
                to_name=leased.addresses[message.recipient].name,
                subject=subject,
                text=text,
                html=html,
                language=message.language,
                kind=message.kind,
                exercise=message.exercise,
                # Our own people answer an alert with `tocsin ack`; a reply would land at the contact point for affected
                # people.
                reply_to=self.reply_to if message.kind in LETTERS else None,
            )
            for message in leased.messages
        ]
        return self.channels.mail.send(letters)

    def _pager(self, name: str) -> Pager:
        if name not in self.channels.pagers:
            message = f"the channel {name} is not set up; add it under `channels` in organisation.yaml"
            # Not given up: the page goes out as soon as somebody has set the channel up, and each round names the
            # problem until then.
            raise PermanentFailure(message, whose="configuration")
        return self.channels.pagers[name]

    def _words(self, leased: LeasedMessage) -> tuple[str, str, str | None]:
        """The exact words: a message's own, or the approved draft's, with a merchant's figures put in."""
        first = leased.messages[0]
        if leased.draft is None:
            return first.subject or "", first.text or "", first.html
        address = leased.addresses.get(first.recipient)
        # A merchant's notice is filled at the last moment and its digest is taken after that: the attempt vouches for
        # the figures, too.
        if self.personalise is not None and address is not None and address.figures:
            return self.personalise(leased.draft, address)
        return leased.draft.subject, leased.draft.text, leased.draft.html

    def _part(self, leased: LeasedMessage, failure: PermanentFailure) -> DeliveryResult:
        """Find the letter at fault in a refused batch; the others must not suffer for it.

        Where the channel names the letters, those are given up and the rest goes again; else the batch is halved.
        """
        messages = leased.messages
        # A wrong key refuses every half just as well: halving would only ask the provider twice as often.
        if failure.whose == "configuration" or len(messages) == 1:
            return self._answer(messages, failure)
        at_fault = frozenset(failure.keys)
        named = [message for message in messages if message.key in at_fault]
        if named:
            rest = tuple(message for message in messages if message.key not in at_fault)
            rejected = self._answer(named, failure)
            return rejected.plus(self._send(replace(leased, messages=rest))) if rest else rejected
        # One bad letter in 1,000 costs about twenty calls. The good halves are accepted on the way and never sent
        # again.
        middle = len(messages) // 2
        halves = (messages[:middle], messages[middle:])
        first, second = (self._send(replace(leased, messages=half)) for half in halves)
        return first.plus(second)

    def _answer(self, messages: Sequence[Message], answer: Accepted | SendError) -> DeliveryResult:
        """Step 3: write down what became of messages, and of the attempt of each."""
        # The rows were read before the lease counted them up: this attempt is the next one.
        attempts = messages[0].attempts + 1
        detail = str(answer)[:300] if isinstance(answer, SendError) else None
        rows = [message.id for message in messages]
        with self.store.write() as session:
            lock_chain(session)
            now = self.store.now(session, self.clock)
            attempts -= _cost_nothing(session, messages[0])
            cause, values = effect_of(messages[0], answer, now, max(attempts, 1), self.retry_policy)
            outcome = target_of(cause).value if costs_an_attempt(answer) else PAUSED
            if messages[0].channel == MAIL and pauses.note_answer(session, MAIL, answer, now, self.retry_policy):
                self.tell_refused(session, session.get_one(Incident, messages[0].incident_id), now)
            # A letter of a case dismissed while it was under way is not tried again: there is nobody to inform.
            is_letter = messages[0].kind in LETTERS
            if cause is MessageEvent.POSTPONED and is_letter and _is_dismissed(session, messages[0]):
                cause = MessageEvent.HELD_BACK
                values = {"next_try_at": None, "settled_at": now, "problem": detail}
            # Only what this process still holds: a lease that ran out meanwhile was taken over by another.
            held = or_(col(Message.leased_by) == self.holder, col(Message.state) == MessageState.UNCERTAIN)
            move_messages(session, cause, col(Message.id).in_(rows), held, lease_until=None, **values)
            for number in {message.attempts + 1 for message in messages}:
                # Each its own attempt: a late answer must not close the one that came after it.
                finish_attempts(
                    session,
                    col(Attempt.message_id).in_(rows),
                    col(Attempt.number) == number,
                    finished_at=now,
                    outcome=outcome,
                    detail=detail,
                )
        if detail and not isinstance(answer, NotHandedOver):
            log.warning("%s message(s) of kind %s: %s", len(messages), messages[0].kind, detail)
        return counted(len(messages), target_of(cause), detail)


def _doubted(session: Session, batch: Sequence[Message]) -> frozenset[int]:
    """Which of these had an attempt whose answer never came, whatever was answered since: they may get it twice."""
    tried = [message.id for message in batch if message.attempts]
    if not tried:
        return frozenset()
    lost = select(Attempt.message_id).where(
        col(Attempt.message_id).in_(tried), Attempt.outcome == MessageState.UNCERTAIN.value
    )
    return frozenset(session.exec(lost))


def _cost_nothing(session: Session, message: Message) -> int:
    """How many attempts of a message only met a pause: they do not make its waits longer."""
    return session.exec(
        select(func.count()).select_from(Attempt).where(Attempt.message_id == message.id, Attempt.outcome == PAUSED)
    ).one()


def _thread_of(session: Session, message: Message) -> str:
    """Under which name a pager keeps what a message tells of: that of the alert's first telling."""
    # A key is the alert's, the level or the end, and the channel (casework/deadlines/telling.py).
    key = message.key.rsplit("/", 2)[0]
    return session.exec(select(Alert.thread).where(Alert.key == key)).first() or key


def _is_dismissed(session: Session, message: Message) -> bool:
    """Whether the case was dismissed while its letter was under way: then it must not be tried again."""
    return session.get_one(Incident, message.incident_id).stage is Stage.DISMISSED
