#!/usr/bin/env python3
"""Lines of real web servers and proxies (tests/data/web, kept by tests/lab/record-web): each request that the lab sent
(tests/lab/clients.py, PAGES and NOISE) is read with its peer, method, target, status and user."""
import recorded

PEERS = frozenset({"192.0.2.7", "2001:db8::7", "2001:db8:0:0:0:0:0:7"})
AGENT = "Mozilla/5.0 (X11; Linux x86_64) lab"
REFUSED = frozenset({400, 403, 404, 405, 414, 431, 500, 501})
DOWN = frozenset({502, 503})

# Part of the line, and what the request behind it was; a server that answers otherwise is named below.
PAGES = {
    r"/ada\?id=7": {"http.request.method": "GET", "url.path": "/ada", "url.query": "id=7", "http.response.status_code": 200},
    r"/ada\?kepala": {"http.request.method": "HEAD", "url.query": "kepala", "http.response.status_code": 200},
    r"/ada\?kirim": {"http.request.method": "POST", "http.response.status_code": frozenset({200, 201, 501})},
    r"/tiada%20ada": {"http.request.method": "GET", "url.path": "/tiada%20ada", "http.response.status_code": 404},
    r"UNION": {"url.query": "q=1%27%20UNION%20SELECT%20sandi--", "http.response.status_code": 404, "event.outcome": "failure"},
    r"etc%2fpasswd": {"url.original": "/..%2f..%2fetc%2fpasswd", "http.response.status_code": frozenset({400, 404})},
    r"\?a=\.\./\.\./etc": {"url.query": "a=../../etc/passwd", "http.response.status_code": frozenset({200, 403, 404})},
    r"/priv/kosong": {"http.response.status_code": 401, "user.name": None},
    r"/priv/salah": {"http.response.status_code": 401, "event.outcome": "failure"},
    r"/priv/asing": {"http.response.status_code": 401, "event.outcome": "failure"},
    r"/priv/benar": {"http.response.status_code": 200, "event.outcome": "success"},
    r"/deny/x": {"http.response.status_code": frozenset({403, 404})},
    r"/mati/x": {"http.response.status_code": DOWN | {404}},
    r"/tanpa-agen": {"http.response.status_code": 404, "user_agent.original": None},
    r"/panjang/": {"http.request.method": "GET", "http.response.status_code": REFUSED},
    r"[/ ]mutlak": {"http.request.method": "GET", "url.path": "/mutlak", "http.response.status_code": 404},
}
USERS = {r"/priv/salah": "budi", r"/priv/asing": "siti", r"/priv/benar": "budi"}
AGENTS = {r"/ada\?id=7": AGENT, r"UNION": "sqlmap/1.7"}
REFERRERS = {r"/ada\?id=7": "https://www.kementerian.go.id/layanan?a=1"}


def plain(line):
    """Where the request came to the TLS port unencrypted, the server answers 400 to all of them."""
    return r"^(?!.*(?: 400 | 18443|:18443)).*" + line


def access(name, fewest=2, users=(), without=(), agents=True, fields=None):
    """An access log: FEWEST lines of each page but those of WITHOUT; USERS is what names a user that the server logs."""
    rules = []
    for page, wanted in PAGES.items():
        wanted = {**wanted, "source.address": PEERS, "event.category": "web", **(fields or {})}
        if page in USERS:
            wanted["user.name"] = USERS[page] if page in users else frozenset({None, USERS[page]})
        if agents:
            wanted.update({"user_agent.original": AGENTS[page]} if page in AGENTS else {})
            wanted.update({"http.request.referrer": REFERRERS[page]} if page in REFERRERS else {})
        else:
            wanted.pop("user_agent.original", None)
        if page not in without:
            rules.append((page, fewest, wanted))
    recorded.check(name, recorded.parse("web", name), rules)


def test_apache():
    everyone = tuple(USERS)
    access("apache-combined", users=everyone)
    access("apache-vhost", users=everyone, fields={"url.domain": "www.kementerian.go.id", "url.port": frozenset({80, 18081, 18444})})
    access("apache-common", users=everyone, agents=False)
    recorded.check("apache-forwarded", recorded.parse("web", "apache-forwarded"), [
        (r"/mati/x", 2, {"source.address": "203.0.113.9", "http.request.forwarded_for": "203.0.113.9, 10.0.0.1",
                         "http.response.status_code": 503})])
    recorded.check("apache-ssl", recorded.parse("web", "apache-ssl"), [
        (r"/ada\?tls", 1, {"source.address": "192.0.2.7", "tls.version": "TLSv1.3", "url.original": "/ada?tls"})])


def test_apache_errors():
    failed = {"event.outcome": "failure", "event.category": "authentication", "event.action": "login"}
    events = recorded.parse("web", "apache-error")
    recorded.check("apache-error", events, [
        (r"/priv/salah", 2, {**failed, "source.address": PEERS, "user.name": "budi", "event.reason": "wrong password"}),
        (r"/priv/asing", 2, {**failed, "source.address": PEERS, "user.name": "siti", "event.reason": "unknown user"}),
        (r"/priv/palsu", 2, {**failed, "source.address": PEERS, "user.name": 'x", client'}),
        (r"user .*/digest", 2, {**failed, "source.address": "192.0.2.7", "user.name": frozenset({"budi", "siti"})}),
        (r"client denied by server", 2, {"source.address": PEERS, "event.action": "access-denied"}),
        (r"AH00565", 2, {"source.address": PEERS, "event.action": "protocol-error"}),
        (r"id \"900\"", 2, {"source.address": PEERS, "siaga.waf.rule": "900", "siaga.waf.message": "berkas sistem",
                            "http.response.status_code": 403, "url.domain": "www.kementerian.go.id"})])
    recorded.check("apache-audit", recorded.parse("web", "apache-audit"), [
        (r"^\[", 2, {"source.address": PEERS, "destination.address": frozenset({"192.0.2.80", "2001:db8::7"})}),
        (r"^Message:", 2, {"siaga.waf.rule": "900", "http.response.status_code": 403}),
        (r"^Apache-Error:", 2, {"source.address": PEERS, "siaga.waf.rule": "900"})])


def test_nginx():
    rules = []
    for page, wanted in PAGES.items():
        if page not in (r"etc%2fpasswd", r"/panjang/"):
            rules.append((plain(page), 2, {**wanted, "source.address": PEERS}))
    rules += [(plain(page), 2, {"user.name": user}) for page, user in USERS.items()]
    rules += [(r"/panjang/", 2, {"http.response.status_code": 414, "source.address": PEERS}),
              (r"/lim .* 503 ", 1, {"http.response.status_code": 503, "source.address": "192.0.2.7"}),
              (r"/soket", 1, {"source.address": None, "http.response.status_code": 404, "url.path": "/soket"}),
              (r'" b| 400 ', 4, {"event.outcome": "failure"})]
    for name in ("nginx-combined", "nginx-vhost", "nginx-forwarded"):
        recorded.check(name, recorded.parse("web", name), rules)
    recorded.check("nginx-forwarded", recorded.parse("web", "nginx-forwarded"), [
        (r"/mati/x", 2, {"http.request.forwarded_for": "203.0.113.9, 10.0.0.1"})])
    recorded.check("nginx-json", recorded.parse("web", "nginx-json"), [
        (r"/ada\?id=7.*\"200\"", 2, {"source.address": PEERS, "http.response.status_code": 200, "user_agent.original": AGENT}),
        (r"/priv/salah.*\"401\"", 1, {"source.address": PEERS, "user.name": "budi", "event.outcome": "failure"})])


def test_nginx_errors():
    failed = {"event.outcome": "failure", "event.category": "authentication", "source.address": PEERS}
    recorded.check("nginx-error", recorded.parse("web", "nginx-error"), [
        (r"user \"siti\" was not found", 2, {**failed, "user.name": "siti"}),
        (r"password mismatch", 2, {**failed, "user.name": "budi"}),
        (r"user \"x\", client\" was not", 2, {**failed, "user.name": 'x", client'}),
        (r"no user/password", 2, {"event.action": "authentication-required", "source.address": PEERS}),
        (r"limiting requests", 1, {"event.action": "rate-limit", "siaga.limit.zone": "satu", "source.address": "192.0.2.7"}),
        (r"access forbidden by rule", 2, {"event.action": "access-denied", "source.address": PEERS, "url.original": "/deny/x"}),
        (r"connect\(\) failed .*/mati/x", 2, {"event.action": "upstream-error", "source.address": PEERS}),
        (r"open\(\) .*tiada", 2, {"event.action": "not-found", "source.address": PEERS}),
        (r"ModSecurity: Access denied", 1, {"siaga.waf.rule": "900", "source.address": PEERS, "http.response.status_code": 403}),
        (r"SSL_do_handshake\(\) failed", 1, {"event.action": "tls-handshake", "source.address": "192.0.2.7"}),
        (r"client prematurely closed|client closed connection", 1, {"event.action": "client-abort", "source.address": PEERS}),
        (r"client sent", 4, {"event.action": "protocol-error", "source.address": PEERS})])
    recorded.check("nginx-audit", recorded.parse("web", "nginx-audit"), [
        (r"etc/passwd", 2, {"source.address": PEERS, "siaga.waf.rule": "900", "http.response.status_code": 403})])
    recorded.check("php-nginx", recorded.parse("web", "php-nginx"), [
        (r"Primary script unknown", 1, {"source.address": "192.0.2.7", "url.path": "/tiada.php"})])
    recorded.check("php-fpm", recorded.parse("web", "php-fpm"), [
        (r"GET /tiada.php", 1, {"source.address": "192.0.2.7", "http.response.status_code": 404}),
        (r"GET /a.php\" 500", 1, {"source.address": "192.0.2.7", "http.response.status_code": 500})])


def test_haproxy():
    rules = []
    for page, wanted in PAGES.items():
        wanted = {**wanted, "source.address": PEERS}
        wanted.pop("user_agent.original", None)
        if page not in (r"/panjang/",):
            rules.append((r"^[0-9a-f.:]+ \[.* web~? .*" + page, 2, wanted))
    rules += [(r" web web/<NOSRV> .* 429 .*/lim ", 1, {"http.response.status_code": 429, "event.outcome": "failure"}),
              (r"\"<BADREQ>\"", 4, {"http.response.status_code": frozenset({400, 408}), "source.address": PEERS, "url.original": None}),
              (r"^Connect from", 2, {"source.address": "192.0.2.7", "destination.address": "192.0.2.80", "siaga.frontend": "sunyi"}),
              (r" aliran aliran/t1 ", 2, {"network.transport": "tcp", "source.address": "192.0.2.7", "siaga.backend": "aliran"}),
              (r"SSL handshake failure", 1, {"event.action": "connection-error", "source.address": "192.0.2.7"}),
              (r"\] \"GET /ada\?id=7.*\"clf\"", 1, {"source.address": "192.0.2.7", "http.response.status_code": 200,
                                                    "siaga.frontend": "clf", "user_agent.class": None}),
              (r"has no server available", 1, {"siaga.backend": "mati"})]
    recorded.check("haproxy", recorded.parse("web", "haproxy"), rules)


def test_lighttpd():
    without = (r"/panjang/", r"[/ ]mutlak")
    access("lighttpd-access", users=(r"/priv/benar",), without=without)
    failed = {"event.outcome": "failure", "event.category": "authentication", "source.address": PEERS}
    recorded.check("lighttpd-error", recorded.parse("web", "lighttpd-error"), [
        (r"/priv/salah", 2, {**failed, "user.name": "budi"}), (r"/priv/asing", 2, {**failed, "user.name": "siti"}),
        (r"/priv/palsu", 2, {**failed, "user.name": 'x", client'})])


def test_caddy():
    access("caddy-json", users=(r"/priv/benar",), without=(r"/panjang/",))
    recorded.check("caddy-console", recorded.parse("web", "caddy-console"), [
        (r"/ada\?id=7", 1, {"source.address": "192.0.2.7", "http.response.status_code": 200, "user_agent.original": AGENT}),
        (r"UNION", 1, {"http.response.status_code": 404, "user_agent.original": "sqlmap/1.7"})])


def test_squid():
    peer = {"source.address": PEERS}
    rules = [(r"/ada\? .*200|200 .*/ada\? ", 2, {**peer, "http.response.status_code": 200}),
             (r"CONNECT judi\.example", 2, {**peer, "http.response.status_code": 403, "http.request.method": "CONNECT"}),
             (r"http://judi\.example", 2, {**peer, "http.response.status_code": 403, "event.outcome": "failure"}),
             (r"8091/priv/salah", 2, {**peer, "http.response.status_code": 407, "user.name": "budi",
                                      "event.category": "authentication", "event.outcome": "failure"}),
             (r"8091/priv/kosong", 2, {**peer, "http.response.status_code": 407, "user.name": None}),
             (r"8091/priv/benar", 2, {**peer, "http.response.status_code": 200, "user.name": "budi"})]
    for name in ("squid-native", "squid-combined", "squid-common"):
        recorded.check(name, recorded.parse("web", name), rules)


def test_tomcat():
    without = (r"/deny/x", r"/panjang/")
    access("tomcat-combined", users=(r"/priv/benar",), without=without)
    access("tomcat-common", users=(r"/priv/benar",), without=without, agents=False)
    recorded.check("tomcat-own", recorded.parse("web", "tomcat-own"), [
        (r"locked user \[siti\]", 1, {"user.name": "siti", "event.outcome": "failure", "event.category": "authentication"})])


recorded.main([test_apache, test_apache_errors, test_nginx, test_nginx_errors, test_haproxy, test_lighttpd, test_caddy,
               test_squid, test_tomcat])
