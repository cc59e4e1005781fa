from collections import defaultdict

from odoo import api, models
from odoo.fields import Domain

from .const import RIGHT_NAMES


class SalesChannelMode(models.Model):
    """Which version holds for an order line: looked up for all lines at once."""

    _inherit = 'sales.channel.mode'

    # === BUSINESS METHODS === #

    @api.model
    def _resolve(self, questions):
        """Return the mode in force for each question: offer > seller > deepest category > channel.

        A category's mode for the channel of the question goes before its mode for all channels. A channel
        without a mode has the one of its parent. The versions are read in one query, however many questions
        there are.

        :param list[ModeQuestion] questions: what is asked
        :return: parallel to ``questions``: the version in force (in sudo mode), or an empty recordset for plain resale
        :rtype: list
        """
        if not questions:
            return []
        versions = self.sudo().search_fetch(
            self._get_candidates(questions),
            ['company_id', 'offer_id', 'seller_id', 'category_id', 'channel_id', 'date_from', *RIGHT_NAMES])
        history = defaultdict(list)  # newest first, as they are sorted
        for version in versions:
            history[version.company_id.id, version._get_subject()].append(version)
        return [self._choose(history, question) for question in questions]

    def _get_candidates(self, questions):
        """Return the domain of the versions that could be an answer."""
        channels = {id_ for question in questions for id_ in self._get_ancestors(question.channel)}
        categories = {id_ for question in questions for id_ in self._get_ancestors(question.category)}
        no_seller = Domain('offer_id', '=', False) & Domain('seller_id', '=', False)
        subjects = Domain.OR([
            Domain('offer_id', 'in', list({question.offer.id for question in questions if question.offer})),
            Domain('seller_id', 'in', list({question.seller.id for question in questions if question.seller})),
            no_seller & Domain('category_id', 'in', list(categories)) & Domain('channel_id', 'in', [False, *channels]),
            no_seller & Domain('category_id', '=', False) & Domain('channel_id', 'in', list(channels)),
        ])
        return subjects & Domain([
            ('state', '=', 'approved'),
            ('company_id', 'in', list({question.company.id for question in questions})),
            ('date_from', '<=', max(question.date for question in questions)),
        ])

    def _choose(self, history, question):
        """Return the version that holds for a question.

        :param dict history: versions by company and subject, newest first
        """
        if history:
            for subject in self._get_subjects(question):
                for version in history.get((question.company.id, subject), ()):
                    if version.date_from <= question.date:
                        return version
        return self.sudo().browse()

    def _get_subjects(self, question):
        """Yield the subjects of a question, as :meth:`_get_subject` names them, from the most to the least specific."""
        if question.offer:
            yield question.offer.id, 0, 0, 0
        if question.seller:
            yield 0, question.seller.id, 0, 0
        channels = self._get_ancestors(question.channel)
        for category in self._get_ancestors(question.category):
            for channel in channels:
                yield 0, 0, category, channel
            yield 0, 0, category, 0
        for channel in channels:
            yield 0, 0, 0, channel

    def _get_ancestors(self, record):
        """Return the ids of a category or channel and those above it, nearest first."""
        return [int(part) for part in reversed((record.parent_path or '').split('/')) if part]
