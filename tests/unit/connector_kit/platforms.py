"""Hosts and OAuth of the platforms, as their references describe them: what the spec must be able to say."""

from __future__ import annotations

from functools import cache
from typing import Any

import yaml

from taxpoynt.connector_kit.loader import template
from taxpoynt.connector_kit.template import Template

_BLOCKS = """
hubspot:
  hosts:
    production: {auth: https://app.hubspot.com, token: https://api.hubapi.com, api: https://api.hubapi.com}
  oauth:
    grant: authorization_code
    authorize: {path: /oauth/authorize, pkce: none, optional_scope_parameter: optional_scope, code_lifetime_seconds: 60}
    token:
      path: /oauth/2026-03/token
      client_auth: body
      answer: {scope: scopes}
      access_lifetime_seconds: 1800
    refresh: {rotation: none}
    revoke: {path: /oauth/2026-03/token/revoke, hint: true}
    scopes:
      - {name: oauth, why: to connect at all}
      - {name: crm.objects.deals.read, why: to read won deals}
      - {name: tax_rates.read, why: to read the rate of a line, optional: true}
    account:
      read: {details: {path: /account-info/v3/details}}
      id: token.hub_id || details.portalId
      name: token.hub_domain
      details: {timezone_name: details.timeZone, default_currency: details.companyCurrency}
    uninstall: {signal: refused_refresh}

salesforce:
  hosts:
    production:
      auth: &login
        source: merchant
        at: my_domain
        origins: [https://login.salesforce.com, https://test.salesforce.com]
        suffixes: [.my.salesforce.com]
      api: {source: token, at: instance_url, suffixes: [.my.salesforce.com]}
  oauth:
    grant: authorization_code
    authorize:
      path: /services/oauth2/authorize
      pkce: required
      parameters: {prompt: login consent}
      code_lifetime_seconds: 600
    token:
      path: /services/oauth2/token
      client_auth: body
      answer:
        expires: null
        signed: {at: signature, over: [id, issued_at]}
      access_lifetime_seconds: 1800
      busy: [token request is already being processed]
    refresh: {rotation: reuse_revokes_grant, idle_days: 30, keep_alive_days: 7}
    revoke: {path: /services/oauth2/revoke}
    scopes: [{name: api, why: to read opportunities}, {name: refresh_token, why: to stay connected}]
    asked:
      my_domain: {label: Address of your Salesforce, example: acme.my.salesforce.com}
    account:
      read:
        who: {path: /services/oauth2/userinfo}
        company:
          path: /services/data/v66.0/query
          params: {q: "SELECT Name FROM Organization WHERE Id = '{account_id}'"}
      id: who.organization_id
      name: company.records[0].Name
    uninstall: {signal: refused_refresh}

square:
  hosts:
    production:
      auth: https://connect.squareup.com
      api: https://connect.squareup.com
    sandbox:
      auth: https://connect.squareupsandbox.com
      api: https://connect.squareupsandbox.com
    headers: {square-version: "2026-09-16"}
  oauth:
    grant: authorization_code
    authorize: {path: /oauth2/authorize, pkce: none, parameters: {session: "false"}, code_lifetime_seconds: 300}
    token:
      path: /oauth2/token
      body: json
      client_auth: body
      answer: {expires: {at: expires_at, form: iso}}
      access_lifetime_seconds: 2592000
    refresh: {rotation: none, keep_alive_days: 6}
    revoke:
      path: /oauth2/revoke
      body: json
      revokes: access_token
      parameter: access_token
      auth: header
      authorization: Client {client_secret}
    scopes: [{name: ORDERS_READ, why: to read sales}, {name: PAYMENTS_READ, why: to see how they were paid}]
    account:
      read: {me: {path: "/v2/merchants/{account_id}"}}
      id: token.merchant_id
      name: me.merchant.business_name
      details: {default_currency: me.merchant.currency}
    uninstall: {signal: event, events: [oauth.authorization.revoked], account: merchant_id}

toast:
  hosts:
    production:
      auth: {source: app, at: host, suffixes: [.toasttab.com], default: https://ws-api.toasttab.com}
      api: {source: app, at: host, suffixes: [.toasttab.com], default: https://ws-api.toasttab.com}
    headers: {toast-restaurant-external-id: "{account_id}"}
  oauth:
    grant: client_credentials
    token:
      path: /authentication/v1/authentication/login
      body: json
      client_auth: body
      names: {client_id: clientId, client_secret: clientSecret, grant_type: null}
      parameters: {userAccessType: TOAST_MACHINE_CLIENT}
      answer:
        access: token.accessToken
        refresh: token.refreshToken
        expires: {at: token.expiresIn, form: seconds}
        scope: jwt.scope
      access_lifetime_seconds: 3599
      limit: {requests: 2, seconds: 3600}
    scopes: [{name: "orders:read", why: to read sales}]
    asked:
      restaurant: {label: Restaurant id, example: 3325cc58-dc6e-4e21-85f9-7de275ffe820}
    account:
      read: {shop: {path: "/restaurants/v1/restaurants/{account_id}"}}
      id: asked.restaurant
      name: shop.general.name
      proof: shop.externalRestaurantRef
      details: {default_currency: shop.general.currencyCode, timezone_name: shop.general.timeZone}
    uninstall: {signal: event, events: [partner_removed]}

lightspeed_r:
  hosts:
    production: {auth: https://cloud.lightspeedapp.com, api: https://api.lightspeedapp.com}
  oauth:
    grant: authorization_code
    authorize: {path: /auth/oauth/authorize, pkce: offered, redirect_uri: false, code_lifetime_seconds: 60}
    token:
      path: /auth/oauth/token
      body: json
      client_auth: body
      answer: {scope: jwt.scope}
      access_lifetime_seconds: 1800
      limit: {requests: 5, seconds: 60}
    refresh: {rotation: on_first_use, idle_days: 30}
    revoke: {path: /auth/oauth/revoke, body: json, parameter: refresh_token}
    scopes:
      - {name: "employee:register_read", why: to read sales}
      - {name: "employee:customers_read", why: to read the buyer}
    account:
      read: {account: {path: "/API/V3/Account/{account_id}.json"}}
      id: token.jwt.acct
      name: account.Account.name
      details: {default_currency: account.Account.defaultCurrency.code}
    uninstall: {signal: refused_refresh}

lightspeed_x:
  hosts:
    production:
      auth: https://secure.retail.lightspeed.app
      token: "https://{domain_prefix}.retail.lightspeed.app"
      api: "https://{domain_prefix}.retail.lightspeed.app"
    fields: {domain_prefix: {source: callback, at: domain_prefix}}
  oauth:
    grant: authorization_code
    authorize: {path: /connect, pkce: none, code_lifetime_seconds: 600}
    token:
      path: /api/1.0/token
      client_auth: body
      answer: {expires: {at: expires, form: unix_seconds}}
      access_lifetime_seconds: 86400
    refresh: {rotation: on_refresh}
    scopes: [{name: "sales:read", why: to read sales}]
    account:
      read: {shop: {path: /api/2.0/retailer}}
      id: shop.data.id
      name: shop.data.name
    uninstall: {signal: refused_refresh}
"""

NAMES = tuple(yaml.safe_load(_BLOCKS))


@cache
def platform(name: str) -> Template:
    """A template with the hosts and the OAuth of that platform."""
    data: dict[str, Any] = template("pipedrive").model_dump(mode="json")
    return Template.model_validate({**data, **yaml.safe_load(_BLOCKS)[name], "name": name, "title": name.title()})
