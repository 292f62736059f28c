"""Matters and what hangs on them: one set of tables for all kinds. What a stage or a fact means is the kind's data."""

from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.utils.translation import gettext_lazy as _

from qingtian.office.alerts.models import Episode
from qingtian.office.people.models import District, Grid, User
from qingtian.office.sites.models import Enterprise, Outlet
from qingtian.office.tasks.models import Task


class Secrecy(models.TextChoices):
    """Who may see a matter at all; `access` says how."""

    PUBLIC = "public", _("公开")
    INTERNAL = "internal", _("内部")
    CONFIDENTIAL = "confidential", _("保密")


class Matter(models.Model):
    """One matter (事项). ``state`` is what `qingtian.law.machine.record` wrote; the columns beside it are for lists.

    ``number`` says authority, year, kind and ``sequence``. ``revision`` counts the acts. ``next_due``: until when
    something must be done; null: nothing runs. ``taken_over``: it was begun elsewhere and taken in from a register; its
    numbers are a series of their own, and ``old_number`` is what it was called there.
    """

    authority = models.CharField(max_length=16)
    code = models.CharField(max_length=48)
    version = models.IntegerField()
    year = models.IntegerField()
    sequence = models.IntegerField()
    number = models.CharField(max_length=96)
    taken_over = models.BooleanField(default=False, db_default=False)
    old_number = models.CharField(max_length=128, blank=True, default="", db_default="")
    title = models.CharField(max_length=200)
    stage = models.CharField(max_length=48)
    closed = models.BooleanField(default=False)
    state = models.JSONField()
    revision = models.IntegerField(default=1)
    source = models.CharField(max_length=48)
    reference = models.CharField(max_length=128, blank=True, default="")
    secrecy = models.CharField(max_length=16, choices=Secrecy.choices)
    district = models.ForeignKey(District, models.PROTECT, null=True, related_name="+", db_index=False)
    grid = models.ForeignKey(Grid, models.PROTECT, null=True, related_name="+", db_index=False)
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, null=True, related_name="matters", db_index=False)
    outlet = models.ForeignKey(Outlet, models.PROTECT, null=True, related_name="matters", db_index=False)
    episode = models.ForeignKey(Episode, models.PROTECT, null=True, related_name="matters", db_index=False)
    task = models.ForeignKey(Task, models.PROTECT, null=True, related_name="matters", db_index=False)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, related_name="merged", db_index=False)
    opened_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    opened_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    next_due = models.DateTimeField(null=True)
    next_clock = models.CharField(max_length=24, blank=True, default="")
    provisional = models.BooleanField(default=False, help_text="a due date rests on a year without holiday notice")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "code", "year", "sequence", "taken_over"], name="matters_number_once"
            ),
            models.UniqueConstraint(
                fields=["old_number", "authority", "code"], condition=~models.Q(old_number=""), name="matters_old_once"
            ),
        ]
        indexes = [
            models.Index(fields=["closed", "next_due", "id"], name="matters_matter_due"),
            models.Index(fields=["district", "closed", "next_due", "id"], name="matters_matter_district_due"),
            models.Index(fields=["code", "stage", "-id"], name="matters_matter_code"),
            models.Index(fields=["district", "-id"], name="matters_matter_district"),
            models.Index(fields=["enterprise", "-id"], name="matters_matter_enterprise"),
            models.Index(fields=["number"], name="matters_matter_number"),
            # every act writes a row anew into each index: those of what most matters do not have leave them out
            *(
                models.Index(fields=[name], condition=models.Q(**{f"{name}__isnull": False}), name=f"matters_of_{name}")
                for name in ("grid", "outlet", "episode", "task", "merged_into")
            ),
        ]

    def __str__(self) -> str:
        return self.number


class MatterNumbering(models.Model):
    """The last number of an authority, a series (a kind, or a paper of it) and a year; no gaps (see `numbering`)."""

    authority = models.CharField(max_length=16)
    code = models.CharField(max_length=104)
    year = models.IntegerField()
    last = models.IntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "code", "year"], name="matters_numbering_once")]


class MatterPerson(models.Model):
    """Somebody who has acted in a role of a matter or was named for it; ``assigned``: is named now."""

    # the constraint below begins with it
    matter = models.ForeignKey(Matter, models.CASCADE, related_name="persons", db_index=False)
    user = models.ForeignKey(User, models.PROTECT, related_name="matter_roles")
    role = models.CharField(max_length=48)
    assigned = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["matter", "user", "role"], name="matters_person_once")]


class MatterTurn(models.Model):
    """Whose turn it is (待办): a live matter and one who can go on with it, ``post:clerk`` or ``user:17``.

    Columns of the matter stand here again, so that an inbox is one walk along an index.
    """

    # the constraint below begins with it
    matter = models.ForeignKey(Matter, models.CASCADE, related_name="turns", db_index=False)
    holder = models.CharField(max_length=48)
    district = models.ForeignKey(District, models.PROTECT, null=True, related_name="+", db_index=False)
    enterprise = models.ForeignKey(Enterprise, models.PROTECT, null=True, related_name="+", db_index=False)
    due = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["matter", "holder"], name="matters_turn_once")]
        indexes = [
            models.Index(fields=["holder", "due", "matter"], name="matters_turn_holder"),
            models.Index(fields=["holder", "district", "due", "matter"], name="matters_turn_district"),
            models.Index(fields=["holder", "enterprise", "due", "matter"], name="matters_turn_enterprise"),
        ]


class MatterClock(models.Model):
    """One run of a statutory clock, ``position`` in the state. ``due``: the last instant that is in time.

    ``duty``: somebody has to act until then; otherwise it is a right that lapses, or a time to wait. ``counted_by``:
    the calendar it was counted with; ``told``: the steps of escalation taken.
    """

    # the constraint below begins with it
    matter = models.ForeignKey(Matter, models.CASCADE, related_name="clocks", db_index=False)
    position = models.IntegerField()
    clock = models.CharField(max_length=24)
    started = models.DateTimeField()
    due = models.DateTimeField(null=True)
    due_day = models.DateField(null=True)
    duty = models.BooleanField()
    paused_on = models.DateField(null=True)
    stopped = models.DateTimeField(null=True)
    missed = models.BooleanField(default=False)
    provisional = models.BooleanField(default=False)
    counted_by = models.CharField(max_length=16)
    told = models.IntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["matter", "position"], name="matters_clock_once")]
        indexes = [
            models.Index(
                fields=["due"], condition=models.Q(stopped=None, duty=True, due__isnull=False), name="matters_clock_due"
            ),
            models.Index(
                fields=["counted_by"], condition=models.Q(stopped=None, paused_on=None), name="matters_clock_counted"
            ),
        ]


class PaperOrigin(models.TextChoices):
    MADE = "made", _("制作")
    BROUGHT = "brought", _("收到")


class MatterPaper(models.Model):
    """A paper of the file (文书). Made here: ``content`` is what it says, frozen; brought: ``files`` in their order,
    each with sha256, name, media_type and bytes; none where it is on paper only.

    A paper that is made or brought again is the next ``version``. ``digest`` stands in the ledger. What is made is
    typeset after its act (`typesetting`): ``pdf`` and ``docx`` are the files under their SHA-256, ``particulars`` what
    they say besides the content, ``template`` the SHA-256 of what they were made by; all of it is in the ledger, too.
    """

    # the constraint below begins with it
    matter = models.ForeignKey(Matter, models.CASCADE, related_name="papers", db_index=False)
    name = models.CharField(max_length=48)
    version = models.IntegerField()
    origin = models.CharField(max_length=8, choices=PaperOrigin.choices)
    act = models.CharField(max_length=48)
    revision = models.IntegerField(help_text="of the matter, by the act that it came with")
    at = models.DateTimeField()
    by = models.CharField(max_length=64)
    number = models.CharField(max_length=96, blank=True, default="", help_text="文号")
    content = models.JSONField(default=dict)
    digest = models.CharField(max_length=64)
    files = models.JSONField(default=list)
    particulars = models.JSONField(default=dict)
    template = models.CharField(max_length=64, blank=True, default="")
    pdf = models.CharField(max_length=64, blank=True, default="")
    docx = models.CharField(max_length=64, blank=True, default="")
    typeset_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["matter", "name", "version"], name="matters_paper_once")]
        indexes = [
            models.Index(
                fields=["-published_at"], condition=models.Q(published_at__isnull=False), name="matters_paper_public"
            ),
            models.Index(
                fields=["id"], condition=models.Q(typeset_at=None, origin="made"), name="matters_paper_untypeset"
            ),
            models.Index(fields=["number"], condition=~models.Q(number=""), name="matters_paper_number"),
        ]


class LinkKind(models.TextChoices):
    """How a matter stands to an ``other``."""

    OPENED_FROM = "opened_from", _("由其引发")
    RECONSIDERS = "reconsiders", _("复议")
    REPAIRS = "repairs", _("修复")
    MERGED_INTO = "merged_into", _("并入")
    FOLLOWS = "follows", _("接续")


class MatterLink(models.Model):
    matter = models.ForeignKey(Matter, models.CASCADE, related_name="links")
    other = models.ForeignKey(Matter, models.CASCADE, related_name="linked")
    kind = models.CharField(max_length=16, choices=LinkKind.choices)
    at = models.DateTimeField()
    by = models.CharField(max_length=64)
    reason = models.CharField(max_length=255, blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["matter", "other", "kind"], name="matters_link_once")]


class MatterEffect(models.Model):
    """What follows from an act outside the matter: written with the act, carried out after it, once.

    ``id`` follows from matter, revision and place. Of kind ``open``: once carried out it is an offer to those who may
    open the other kind; ``opened`` is the matter that came of it.
    """

    id = models.CharField(max_length=32, primary_key=True)
    matter = models.ForeignKey(Matter, models.CASCADE, related_name="effects")
    revision = models.IntegerField()
    kind = models.CharField(max_length=16)
    name = models.CharField(max_length=48)
    at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    opened = models.ForeignKey(Matter, models.SET_NULL, null=True, related_name="came_of")
    dropped_at = models.DateTimeField(null=True, help_text="an offer that nobody will take")

    class Meta:
        indexes = [
            models.Index(fields=["at"], condition=models.Q(done_at=None), name="matters_effect_waiting"),
            models.Index(
                fields=["name", "-at"],
                condition=models.Q(kind="open", opened=None, dropped_at=None),
                name="matters_effect_offer",
            ),
        ]


class MatterCount(models.Model):
    """One to be counted in a statistic of a kind; ``effect`` is what counted it, so nothing counts twice."""

    effect = models.OneToOneField(MatterEffect, models.CASCADE, primary_key=True, related_name="counted")
    matter = models.ForeignKey(Matter, models.CASCADE, related_name="counts")
    code = models.CharField(max_length=48)
    statistic = models.CharField(max_length=48)
    district = models.ForeignKey(District, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["statistic", "at"], name="matters_count_statistic")]


class MatterRequest(models.Model):
    """A wish of a program that was done, by its idempotency key (see `requests`); ``digest``: of what was wished."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    key = models.CharField(max_length=80)
    digest = models.CharField(max_length=64)
    matter = models.ForeignKey(Matter, models.CASCADE, null=True, related_name="+", db_index=False)
    at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="matters_request_once")]


class SavedView(models.Model):
    """A list as somebody likes to see it: which list (``page``), and the query of its URL, under a name."""

    user = models.ForeignKey(User, models.CASCADE, related_name="saved_views")
    page = models.CharField(max_length=16)
    name = models.CharField(max_length=48)
    query = models.CharField(max_length=500)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "page", "name"], name="matters_view_once")]


class CalendarDay(models.Model):
    """A day of which an administrator says whether it is worked, above the official calendar."""

    day = models.DateField(primary_key=True)
    working = models.BooleanField()
    reason = models.CharField(max_length=255)
    by = models.CharField(max_length=64)
    at = models.DateTimeField()


class CalendarFeed(models.Model):
    """A person's calendar feed: whoever knows the token may read it; only its SHA-256 is kept."""

    user = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="calendar_feed")
    digest = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()


class RegisterDraft(models.Model):
    """A register that somebody has previewed and not yet confirmed (导入草稿): one a person, for a day."""

    user = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="register_draft")
    code = models.CharField(max_length=48)
    act = models.CharField(max_length=48)
    name = models.CharField(max_length=160)
    digest = models.CharField(max_length=64)
    content = models.BinaryField()
    at = models.DateTimeField(db_index=True)


class MatterFigure(models.Model):
    """A figure that an authority has set for itself (本机关设定), from a day on. Rows are added, never changed.

    ``code`` and ``name``: the kind and its setting. ``value`` None: from that day on nothing of its own counts.
    """

    code = models.CharField(max_length=48)
    name = models.CharField(max_length=48)
    authority = models.CharField(max_length=16)
    value = models.DecimalField(max_digits=18, decimal_places=4, null=True)
    since = models.DateField()
    reason = models.CharField(max_length=255)
    document = models.CharField(max_length=128, help_text="文号")
    by = models.CharField(max_length=64)
    by_name = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["code", "authority", "since", "id"], name="matters_figure_kind")]


class MatterText(models.Model):
    """The words of a matter for search (see `words`). ``guarded``: from facts that not everybody sees."""

    matter = models.OneToOneField(Matter, models.CASCADE, primary_key=True, related_name="text")
    words = SearchVectorField()
    guarded = SearchVectorField()

    class Meta:
        indexes = [
            GinIndex(fields=["words"], name="matters_text_words"),
            GinIndex(fields=["guarded"], name="matters_text_guarded"),
        ]
