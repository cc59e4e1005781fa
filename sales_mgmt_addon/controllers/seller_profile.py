import os

from werkzeug.exceptions import NotFound

from odoo import http
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.http import request
from odoo.tools.mimetypes import guess_mimetype

from ..models.seller.sales_seller_score import RATES
from ..models.seller.score import wilson_lower
from .seller import AREA, SellerPortal

PROFILE = '/my/seller'
APPLY = '/seller/apply'
# What a document may be: ending of its name -> what its content must be
DOCUMENT_TYPES = {'.pdf': 'application/pdf', '.jpg': 'image/jpeg', '.jpeg': 'image/jpeg', '.png': 'image/png'}
DOCUMENT_BYTES = 10 * 1024 * 1024
# Documents of one check: enough for a few renewals
DOCUMENTS_MOST = 20
ACCOUNT_CHARS = 64
SCORE_MONTHS = 6
LONG_TEXT = 4000


class SellerProfilePortal(SellerPortal):
    """What we know of a seller: the checks, where he is paid, how he does; and how one becomes a seller."""

    # === PAGE === #

    @http.route(PROFILE, type='http', auth='user', website=True, readonly=True)
    def portal_my_seller(self, seller=None, notice=None, **_kwargs):
        """Show the profile of the seller of the user."""
        return self._render_seller_profile(self._choose_profile(seller), notice=notice)

    def _choose_profile(self, seller_id):
        """Return the own seller with that id, else the one of the present company, else the first."""
        sellers = self._check_own_sellers()
        return (
            sellers.filtered(lambda seller: str(seller.id) == str(seller_id))
            or sellers.filtered(lambda seller: seller.company_id == request.env.company) or sellers)[:1]

    def _render_seller_profile(self, seller, posted=None, **values):
        scores = request.env['sales.seller.score'].sudo().search(
            [('seller_id', '=', seller.id)], order='month desc', limit=SCORE_MONTHS)
        return request.render('sales_mgmt_addon.portal_my_seller', self._prepare_seller_page(
            'seller_profile', seller=seller, sellers=self._get_own_sellers(), posted=posted or {},
            scores=scores, rates=self._get_score_rates(scores[:1]),
            account=seller._get_masked_account() if seller.bank_account_id else False, **values))

    def _get_score_rates(self, score):
        """Return the rates of a score with the interval in which the true rate lies with 95 % certainty.

        :param score: `sales.seller.score` record or none
        :return: dicts with ``label``, ``hits``, ``total``, ``rate``, ``low``, ``high``, ``allowed`` (percent, 0: not
            checked) and ``broken``
        """
        rates = []
        for name, (hits, total, threshold) in RATES.items() if score else ():
            allowed = score.company_id[threshold]
            rates.append({
                'label': score._fields[f'{name}_rate']._description_string(request.env),
                'hits': score[hits], 'total': score[total], 'rate': score[f'{name}_rate'], 'allowed': allowed,
                'low': score[f'{name}_bound'],
                'high': 100.0 - wilson_lower(score[total] - score[hits], score[total]) if score[total] else 100.0,
                'broken': bool(allowed) and score[f'{name}_bound'] > allowed,
            })
        return rates

    def _get_seller_notices(self):
        env = request.env
        return {
            **super()._get_seller_notices(),
            'applied': env._("Thank you. Your application is registered; add what is asked for below."),
            'check_saved': env._("Thank you. What you sent will be checked."),
            'appealed': env._("Thank you. Your account manager will answer."),
            'bank_changed': env._("The bank account is changed. Payouts wait until we have approved it."),
        }

    def _answer_profile(self, seller, notice, method, post=None):
        """Do what a form asks; return to the profile, or show why it was refused and what was typed."""
        if error := self._attempt(method):
            return self._render_seller_profile(seller, posted=post, error=error)
        return request.redirect(f'{PROFILE}?seller={seller.id}&notice={notice}')

    # === CHECKS === #

    @http.route(f'{PROFILE}/checks/<int:check_id>', type='http', auth='user', website=True, methods=['POST'])
    def portal_seller_check_save(self, check_id, **post):
        """Take number, last day and documents of a check of the seller of the user: ``number``, ``valid_until``, ``document``."""
        check = self._get_own('sales.seller.check', check_id)

        def save():
            documents = [
                self._parse_document(file) for file in request.httprequest.files.getlist('document') if file.filename]
            if len(documents) + len(check.document_ids) > DOCUMENTS_MOST:
                raise UserError(request.env._("There are %s documents already: ask your account manager.", DOCUMENTS_MOST))
            attachments = request.env['ir.attachment'].sudo().create(documents)
            facts = {
                'number': self._clean(post.get('number')),
                'valid_until': self._parse_date(post.get('valid_until'), request.env._("Valid Until")),
            }
            # what was sent once more as it was needs no other look
            vals = {name: value for name, value in facts.items() if value != check[name]}
            if attachments:
                vals['document_ids'] = [Command.link(attachment.id) for attachment in attachments]
            check.write(vals)
        return self._answer_profile(check.seller_id, 'check_saved', save, post)

    def _parse_document(self, file):
        """Return the values of an attachment for an uploaded file.

        :raises UserError: if it is too large, or not what its name says
        """
        env = request.env
        name = os.path.basename(file.filename.replace('\\', '/'))[-100:]
        content = file.read(DOCUMENT_BYTES + 1)
        if len(content) > DOCUMENT_BYTES:
            raise UserError(env._("%s is larger than 10 MB.", name))
        expected = DOCUMENT_TYPES.get(os.path.splitext(name)[1].lower())
        if not expected or guess_mimetype(content, default='') != expected:
            raise UserError(env._("%s is no PDF, JPEG or PNG document.", name))
        return {'name': name, 'raw': content, 'mimetype': expected}

    @http.route(f'{PROFILE}/checks/<int:check_id>/documents/<int:document_id>', type='http', auth='user', website=True)
    def portal_seller_check_document(self, check_id, document_id, **_kwargs):
        """Return a document of a check of the seller of the user."""
        document = self._get_own('sales.seller.check', check_id).document_ids.filtered(lambda one: one.id == document_id)
        if not document:
            raise NotFound()
        return request.env['ir.binary']._get_stream_from(document).get_response(as_attachment=True)

    # === BANK === #

    @http.route(f'{PROFILE}/bank', type='http', auth='user', website=True, methods=['POST'])
    def portal_seller_bank_change(self, seller=None, **post):
        """Pay the seller of the user to another account, once we have approved it: ``acc_number``, ``acc_holder_name``."""
        seller = self._choose_profile(seller)

        def change():
            seller._change_bank(self._get_bank_account(seller, post))
        return self._answer_profile(seller, 'bank_changed', change, post)

    def _get_bank_account(self, seller, post):
        """Return the account with the number that was typed, a new one if the seller has none like it.

        :raises UserError: if the number is none
        """
        number = (post.get('acc_number') or '').strip()
        if len(number) > ACCOUNT_CHARS or sum(letter.isalnum() for letter in number) < 4:
            raise UserError(request.env._("Enter the number of your bank account."))
        Account = request.env['res.partner.bank'].sudo().with_context(active_test=False)
        account = Account.search([('partner_id', '=', seller.partner_id.id), ('acc_number', '=', number)], limit=1)
        if account:
            account.active = True
            return account
        return Account.create({
            'acc_number': number, 'partner_id': seller.partner_id.id,
            'acc_holder_name': self._clean(post.get('acc_holder_name')) or seller.partner_id.name})

    # === SCORE === #

    @http.route(f'{PROFILE}/scores/<int:score_id>/appeal', type='http', auth='user', website=True, methods=['POST'])
    def portal_seller_appeal(self, score_id, **post):
        """Take what the seller of the user says about his score: ``appeal``."""
        score = self._get_own('sales.seller.score', score_id)
        text = (post.get('appeal') or '').strip()[:LONG_TEXT]
        return self._answer_profile(score.seller_id, 'appealed', lambda: score._file_appeal(text), post)

    # === APPLICATION === #

    @http.route(APPLY, type='http', auth='user', website=True, methods=['GET', 'POST'])
    def portal_seller_apply(self, **post):
        """Show the form by which a company of the portal applies to sell, and take it: ``note``, ``vat_registered``."""
        if not request.env['res.groups']._is_feature_enabled(AREA):
            raise NotFound()
        company = request.env.company
        if seller := self._get_own_sellers().filtered(lambda one: one.company_id == company):
            return request.redirect(f'{PROFILE}?seller={seller.id}')
        partner = request.env.user.sudo().partner_id.commercial_partner_id
        is_sent = request.httprequest.method == 'POST'
        error = self._attempt(self._create_application, partner, company, post) if is_sent else None
        if is_sent and not error:
            return request.redirect(f'{PROFILE}?notice=applied')
        return request.render('sales_mgmt_addon.portal_seller_apply', self._prepare_seller_page(
            'seller_apply', partner=partner, company=company, error=error, posted=post))

    def _create_application(self, partner, company, post):
        """Create a seller in status application for the company of the user, and tell who looks at it.

        :raises UserError: if the user belongs to no company
        """
        env = request.env
        if not partner.is_company:
            raise UserError(env._("Only companies sell here. Ask us to enter your company in your account first."))
        manager = partner.user_id
        if not manager.active or company not in manager.company_ids:
            manager = self._get_manager(company)
        seller = env['sales.seller'].sudo().with_company(company).create({
            'partner_id': partner.id, 'company_id': company.id, 'user_id': manager.id,
            'vat_registered': bool(post.get('vat_registered'))})
        if note := (post.get('note') or '').strip()[:LONG_TEXT]:
            seller.message_post(body=note, author_id=env.user.partner_id.id)
        if manager:
            seller.activity_schedule(
                'mail.mail_activity_data_todo', user_id=manager.id,
                summary=seller.with_context(lang=manager.lang).env._("Look at the application of a seller"))

    def _get_manager(self, company):
        """Return somebody who decides on sellers of a company, if there is anybody."""
        group = request.env.ref('sales_mgmt_addon.group_channel_manager').sudo()
        return group.all_user_ids.filtered(
            lambda user: user.active and not user.share and company in user.company_ids).sorted('id')[:1]
