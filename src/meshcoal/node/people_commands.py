"""What a user asks about people: identity, contacts, invitations, introductions, warnings.

Law: as in `node.commands`.
"""

from __future__ import annotations

import dataclasses

from meshcoal.api import commands as ask
from meshcoal.api import views as show
from meshcoal.errors import BadArgument, NotPermitted, Unknown, WrongPhase
from meshcoal.ids import AuthorId, PersonId
from meshcoal.node.commands import Commands, handles
from meshcoal.node.parting import part_name
from meshcoal.node.records import IDENTITY
from meshcoal.node.shows import campaign_name
from meshcoal.node.step import Step
from meshcoal.wire import bodies
from meshcoal.wire.record import Record

# --- Identity and contacts


@handles(ask.ShowIdentity)
def _show_identity(self: Commands, step: Step, command: ask.ShowIdentity) -> Record:
    return self.core.people.identity_view()


@handles(ask.SetName)
def _set_name(self: Commands, step: Step, command: ask.SetName) -> Record:
    people = self.core.people
    people.identity = dataclasses.replace(people.identity, name=command.name)
    step.put(IDENTITY, b"", people.identity)
    return people.identity_view()


@handles(ask.SetHints)
def _set_hints(self: Commands, step: Step, command: ask.SetHints) -> Record:
    for hint in command.hints:
        host, colon, port = hint.rpartition(":")
        if not (colon and host and port.isascii() and port.isdecimal() and 0 < int(port) < 65_536):
            raise BadArgument("An address is a host, a colon and a port, such as 192.0.2.7:4400.")
    people = self.core.people
    people.identity = dataclasses.replace(people.identity, hints=command.hints)
    step.put(IDENTITY, b"", people.identity)
    self.core.tell_hints(step)
    return people.identity_view()


@handles(ask.ListContacts)
def _list_contacts(self: Commands, step: Step, command: ask.ListContacts) -> Record:
    warned = self.core.namesakes.persons_warned()
    return show.ContactsView(
        contacts=tuple([_contact(self, person, warned) for person in sorted(self.core.people.contacts)])
    )


def _contact(self: Commands, person: PersonId, warned: frozenset[bytes] | None = None) -> show.ContactView:
    if warned is None:
        warned = self.core.namesakes.persons_warned()
    return self.core.people.contact_view(
        person, connected=self.core.links.contact_connected(person), warned=person in warned
    )


@handles(ask.SetPetname)
def _set_petname(self: Commands, step: Step, command: ask.SetPetname) -> Record:
    person = PersonId(command.person)
    contact = self.core.people.contact(person)
    self.core.people.put_contact(step, person, dataclasses.replace(contact, petname=command.petname))
    return _contact(self, person)


@handles(ask.ConfirmWords)
def _confirm_words(self: Commands, step: Step, command: ask.ConfirmWords) -> Record:
    person = PersonId(command.person)
    self.core.people.confirm(step, person, match=command.match)
    if not command.match:
        self.core.introducing.forget(step, person)
        self.core.links.hang_up_on(step, person)
    self.core.refresh_targets(step)
    return _contact(self, person)


@handles(ask.ForgetContact)
def _forget_contact(self: Commands, step: Step, command: ask.ForgetContact) -> Record:
    person = PersonId(command.person)
    self.core.people.forget(step, person)
    self.core.introducing.forget(step, person)
    self.core.links.hang_up_on(step, person)
    self.core.refresh_targets(step)
    return show.Done()


@handles(ask.SetWordList)
def _set_word_list(self: Commands, step: Step, command: ask.SetWordList) -> Record:
    people = self.core.people
    people.identity = dataclasses.replace(people.identity, word_list=command.word_list)
    step.put(IDENTITY, b"", people.identity)
    step.notice(show.NoticeKind.CONTACTS, by_me=True)
    return people.identity_view()


@handles(ask.CompareKey)
def _compare_key(self: Commands, step: Step, command: ask.CompareKey) -> Record:
    person = PersonId(command.person)
    outcome = self.core.people.compare(step, person, command.text)
    other = outcome is show.Comparison.OTHER_CONTACT
    return show.ComparedView(
        contact=_contact(self, person),
        outcome=outcome,
        other_name=self.core.people.other_name(command.text) if other else "",
    )


@handles(ask.ListWarnings)
def _list_warnings(self: Commands, step: Step, command: ask.ListWarnings) -> Record:
    return self.core.namesakes.view()


@handles(ask.DismissWarning)
def _dismiss_warning(self: Commands, step: Step, command: ask.DismissWarning) -> Record:
    self.core.namesakes.dismiss(step, command.warning)
    return self.core.namesakes.view()


# --- Invitations


@handles(ask.MakeInvitation)
def _make_invitation(self: Commands, step: Step, command: ask.MakeInvitation) -> Record:
    name = ""
    if command.campaign:
        campaign = self.writable(command.campaign)
        if not campaign.roster().is_organiser(campaign.me):
            raise NotPermitted("Only an organiser can admit people, so only an organiser invites them.")
        name = campaign_name(self.core.campaigns, command.campaign)
    return self.core.people.invite(step, command, name)


@handles(ask.ListInvitations)
def _list_invitations(self: Commands, step: Step, command: ask.ListInvitations) -> Record:
    people = self.core.people
    people.expire(step)
    return show.InvitationsView(
        invitations=tuple(
            [
                people.invitation_view(key, campaign_name(self.core.campaigns, kept.campaign))
                for key, kept in sorted(
                    people.invitations.items(), key=lambda item: (item[1].expires_ms, item[0])
                )
            ]
        )
    )


@handles(ask.RevokeInvitation)
def _revoke_invitation(self: Commands, step: Step, command: ask.RevokeInvitation) -> Record:
    self.core.people.revoke(step, command.invitation)
    return show.Done()


@handles(ask.AcceptInvitation)
def _accept_invitation(self: Commands, step: Step, command: ask.AcceptInvitation) -> Record:
    view = self.core.people.accept(step, command)
    self.core.refresh_targets(step)
    return view


@handles(ask.AnswerInvitation)
def _answer_invitation(self: Commands, step: Step, command: ask.AnswerInvitation) -> Record:
    key, data = self.joining.ask(step, command.text, paper=command.paper)
    self.core.refresh_targets(step)
    view = self.core.people.introduction_view(key)
    return show.CarriedRequestView(introduction=view, data=data, name=part_name(self.entropy))


@handles(ask.ListIntroductions)
def _list_introductions(self: Commands, step: Step, command: ask.ListIntroductions) -> Record:
    people = self.core.people
    people.expire(step)
    warned = self.core.namesakes.persons_warned()
    return show.IntroductionsView(
        introductions=tuple(
            [
                people.introduction_view(
                    key, campaign_name(self.core.campaigns, met.campaign), warned=met.person in warned
                )
                for key, met in sorted(
                    people.introductions.items(), key=lambda item: (item[1].since_ms, item[0])
                )
            ]
        )
    )


@handles(ask.Admit)
def _admit(self: Commands, step: Step, command: ask.Admit) -> Record:
    people = self.core.people
    met = people.introductions.get(command.introduction)
    if met is None:
        raise Unknown("There is no such introduction.")
    if met.mine:
        raise WrongPhase("You asked to be admitted: the inviter decides.")
    if met.card is None or not met.campaign:
        raise WrongPhase("This person did not ask to be admitted to a campaign.")
    campaign = self.acting(met.campaign)
    body = bodies.AddBody(at_ms=step.now_ms, member=met.card, seat=command.seat, role=command.role)
    admitted_before = campaign.roster().is_active(AuthorId(met.card.author))
    if met.state is show.IntroductionState.ASKING and not admitted_before:
        self.core.composer.admit(campaign, step, body, met.prekey)
    people.decide(step, command.introduction, admitted=True)
    self.core.persons[AuthorId(met.card.author)] = PersonId(met.person)
    self.core.put_person(step, AuthorId(met.card.author), PersonId(met.person))
    self.core.telling.decisions(step, met.person)
    self.core.refresh_targets(step)
    return self.campaign_view(campaign, step)


@handles(ask.Refuse)
def _refuse(self: Commands, step: Step, command: ask.Refuse) -> Record:
    met = self.core.people.decide(step, command.introduction, admitted=False)
    self.core.telling.decisions(step, met.person)
    self.core.refresh_targets(step)
    return show.Done()


# --- Introductions by a contact


@handles(ask.Introduce)
def _introduce(self: Commands, step: Step, command: ask.Introduce) -> Record:
    view = self.core.introducing.introduce(step, command)
    for person in (command.first, command.second):
        self.core.telling.introductions(step, person)
    self.core.refresh_targets(step)
    return view


@handles(ask.ListAcquaintances)
def _list_acquaintances(self: Commands, step: Step, command: ask.ListAcquaintances) -> Record:
    return _acquaintances(self, step)


def _acquaintances(self: Commands, step: Step) -> show.AcquaintancesView:
    warned = self.core.namesakes.persons_warned()
    return self.core.introducing.view(step.now_ms, lambda person: person in warned)


@handles(ask.AnswerAcquaintance)
def _answer_acquaintance(self: Commands, step: Step, command: ask.AnswerAcquaintance) -> Record:
    self.core.introducing.answer(step, command.acquaintance, accept=command.accept)
    self.core.refresh_targets(step)
    return _acquaintances(self, step)
