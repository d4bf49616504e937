#!/usr/bin/env python3
"""Lines of real DNS servers (tests/data/dns, kept by tests/lab/record-dns): each question, refusal, limit, transfer, notify
and update that the lab provoked is read with its peer, name, type, code and outcome."""
import recorded

PEERS = frozenset({"192.0.2.7", "192.0.2.8", "192.0.2.9", "2001:db8::7"})
CLIENT = {"source.address": "192.0.2.7"}
REFUSED = {"event.outcome": "failure", "event.type": "denied"}


def questions(escaped=r"a\\032b"):
    """What every server was asked; the expression finds the name as the client spelled it."""
    return [
        (r"www\.kementerian\.go\.id\W.*\bTXT\b|\bTXT\b.*www\.kementerian", {"dns.question.name": "www.kementerian.go.id", "dns.question.type": "TXT"}),
        (r"WWW\.Kementerian", {"dns.question.name": "www.kementerian.go.id", "dns.question.type": "AAAA",
                               "dns.question.registered_domain": "kementerian.go.id"}),
        (r"tiada\.kementerian", {"dns.question.name": "tiada.kementerian.go.id", "dns.question.type": "A"}),
        (escaped, {"dns.question.name": frozenset({'a b"c.kementerian.go.id', 'a b"c.kementerian.go.id.', "a?b?c.kementerian.go.id"})}),
        (r"\bMX\b", {"dns.question.name": "www.kementerian.go.id", "dns.question.type": "MX", "source.address": "2001:db8::7"}),
        (r"HTTPS|TYPE65", {"dns.question.type": frozenset({"HTTPS", "TYPE65"})}),
        (r"\bPTR\b", {"dns.question.name": "1.2.0.192.in-addr.arpa", "dns.question.type": "PTR"}),
        (r"version\.bind", {"dns.question.name": "version.bind", "dns.question.type": "TXT"}),
    ]


def asked(prefix, suffix="", without=(), extra=None, escaped=r"a\\032b"):
    """Rules for the query lines of one server: PREFIX and SUFFIX choose them."""
    wanted = {"source.address": PEERS, "dns.type": "query", **(extra or {})}
    return [(r"(?=.*(?:%s)).*%s%s" % (found, prefix, suffix), 1, {**wanted, **fields})
            for found, fields in questions(escaped) if not any(word in found for word in without)]


def test_bind():
    events = recorded.parse("dns", "bind")
    rules = asked(r"query: ", extra={"event.action": "query"})
    rules += [
        (r"query: www\S+ IN TXT .*\+E\(0\)T", 1, {"network.transport": "tcp", "siaga.source.spoofable": False}),
        (r"query '?tertutup.*denied", 2, {**CLIENT, **REFUSED, "dns.question.name": "tertutup.go.id", "dns.response_code": "REFUSED"}),
        (r"query \(cache\) 'www\.contoh.*denied", 1, {**REFUSED, "source.address": "192.0.2.9", "dns.question.name": "www.contoh.example"}),
        (r"zone transfer 'kementerian.*denied", 2, {**CLIENT, **REFUSED, "event.action": "transfer", "siaga.dns.zone": "kementerian.go.id"}),
        (r"transfer of 'kementerian.*AXFR started", 3, {"source.address": PEERS, "event.outcome": "success", "event.action": "transfer",
                                                        "dns.question.type": "AXFR", "siaga.dns.zone": "kementerian.go.id"}),
        (r"AXFR started: TSIG", 2, {**CLIENT, "user.name": "kunci"}),
        (r"bad zone transfer request", 2, {"source.address": "192.0.2.8", "event.outcome": "failure", "siaga.dns.zone": "lain.go.id"}),
        (r"received notify for zone 'kementerian", 2, {"source.address": PEERS, "event.action": "notify", "siaga.dns.zone": "kementerian.go.id"}),
        (r"not authoritative$", 1, {**CLIENT, **REFUSED, "event.action": "notify", "siaga.dns.zone": "lain.go.id"}),
        (r"refused notify", 1, {**CLIENT, **REFUSED, "siaga.dns.zone": "dua.go.id"}),
        (r"update 'kementerian.*denied", 2, {**CLIENT, **REFUSED, "event.action": "update"}),
        (r"adding an RR at 'baru", 2, {**CLIENT, "event.action": "update", "event.outcome": "success", "user.name": "kunci",
                                       "dns.answers.name": "baru.kementerian.go.id", "dns.answers.data": "192.0.2.82"}),
        (r"update unsuccessful", 2, {**CLIENT, "event.outcome": "failure", "dns.response_code": "YXDOMAIN"}),
        (r"not authoritative for update", 1, {**CLIENT, "event.outcome": "failure"}),
        (r"invalid signature", 2, {**CLIENT, **REFUSED, "event.action": "tsig-failure", "user.name": "asing"}),
        (r"rate limit (drop|slip) response", 2, {**CLIENT, "event.action": "rate-limit", "source.subnet": "192.0.2.0/24",
                                                 "dns.question.name": "www.kementerian.go.id"}),
        (r"rate limit (drop|slip) NXDOMAIN", 2, {**CLIENT, "event.action": "rate-limit", "dns.response_code": "NXDOMAIN"}),
        (r" limit NXDOMAIN responses", 1, {"event.action": "rate-limit", "source.subnet": "192.0.2.0/24", "dns.response_code": "NXDOMAIN"}),
        (r"rpz QNAME NXDOMAIN rewrite judi", 1, {**CLIENT, **REFUSED, "event.action": "rpz", "siaga.waf.action": "NXDOMAIN", "dns.question.name": "judi.example"}),
        (r"validating .*rusak\.go\.id", 1, {"event.action": "validation-failure", "event.outcome": "failure"})]
    recorded.check("bind", events, rules, read=r"client @|transfer of|rate-limit|rpz ")


def test_dnstap():
    recorded.check("dnstap", recorded.parse("dns", "dnstap"), asked(r" [AC]Q ", extra={"destination.address": frozenset({"192.0.2.53", "2001:db8::7"})}) + [
        (r" TCP .*/TXT", 1, {"network.transport": "tcp", "siaga.source.spoofable": False})])


def test_unbound():
    rules = asked(r"", suffix=r".* (IN|CH)$", without=("a\\\\032b",), escaped=r"a\?b\?c")
    rules += [
        (r"tiada\S+ A IN NXDOMAIN", 1, {**CLIENT, "dns.response_code": "NXDOMAIN", "dns.type": "answer"}),
        (r"www\.rusak\S+ A IN SERVFAIL", 1, {**CLIENT, "dns.response_code": "SERVFAIL"}),
        (r"validation failure <www\.rusak", 1, {"event.action": "validation-failure", "dns.question.name": "www.rusak.go.id"}),
        (r"judi\.example\. always_nxdomain", 1, {**CLIENT, **REFUSED, "event.action": "local-zone", "dns.question.name": "judi.example"}),
        (r"tolak\.example\. refuse", 1, {**CLIENT, **REFUSED, "dns.question.name": "a.tolak.example"}),
        (r"diam\.example\. inform_deny", 1, {**CLIENT, **REFUSED, "siaga.waf.action": "inform_deny"}),
        (r"info\.example\. inform ", 1, {**CLIENT, "event.outcome": None}),
        (r"rpz: applied \[blokir\]", 1, {**CLIENT, **REFUSED, "event.action": "rpz", "dns.question.name": "slot.example", "rule.name": "blokir"}),
        (r"ip_ratelimit exceeded", 1, {**CLIENT, **REFUSED, "event.action": "rate-limit"}),
        (r": ratelimit exceeded", 1, {**REFUSED, "event.action": "rate-limit", "siaga.dns.zone": frozenset({"kementerian.go.id", "rusak.go.id"})}),
        (r"192\.0\.2\.9 .*REFUSED", 1, {"source.address": "192.0.2.9", "dns.response_code": "REFUSED"})]
    recorded.check("unbound", recorded.parse("dns", "unbound"), rules)


def test_dnsmasq():
    for name in ("dnsmasq", "dnsmasq-extra"):
        recorded.check(name, recorded.parse("dns", name), asked(r"(query|auth)\[", escaped=r"a b.c", without=("HTTPS", r"WWW\.")) + [
            (r"tiada\S+ is NXDOMAIN", 1, {"dns.response_code": "NXDOMAIN", "dns.type": "answer"}),
            (r"query\[\S+ WWW", 0, {"dns.question.name": "www.kementerian.go.id"}),
            (r"error is REFUSED", 1, {"dns.response_code": "REFUSED"}),
            (r"judi\.example is ", 1, {"dns.question.name": "judi.example", "event.action": "reply"}),
            (r"DNS-rebind", 1, {"event.action": "rebind", "event.outcome": "failure"})], read=r"query|reply|config|cached|forwarded|rebind")


def test_powerdns():
    recorded.check("powerdns", recorded.parse("dns", "powerdns"), asked(r" wants ", extra={"event.action": "query"}) + [
        (r"denied: client IP has no permission", 1, {**CLIENT, **REFUSED, "event.action": "transfer", "siaga.dns.zone": "kementerian.go.id"}),
        (r"failed: client may not request", 1, {**CLIENT, **REFUSED}),
        (r"transfer initiated", 2, {"source.address": PEERS, "event.outcome": "unknown", "event.action": "transfer"}),
        (r"AXFR finished", 1, {"source.address": "192.0.2.8", "event.outcome": "success", "dns.question.type": "AXFR"}),
        (r"Received NOTIFY .*\(Refused\)", 4, {"source.address": PEERS, **REFUSED, "event.action": "notify"}),
        (r"Sending REFUSED", 1, {**CLIENT, **REFUSED, "event.action": "update"}),
        (r"TSIG key with name 'asing'", 1, {**REFUSED, "event.action": "tsig-failure", "user.name": "asing"})], read=r"Received (NOTIFY|a malformed)| client |Remote |UPDATE")


def test_recursor():
    answered = {"dns.response_code": frozenset({"NOERROR", "NXDOMAIN", "SERVFAIL"}), "dns.type": "answer"}
    for name in ("recursor", "recursor-text"):
        recorded.check(name, recorded.parse("dns", name), [
            (r"\"Question\".*\"TXT\"|question for .*\|TXT", 1, {**CLIENT, "dns.question.type": "TXT", "dns.question.name": "www.kementerian.go.id"}),
            (r"(\"Question\"|question for ).*a.{1,2}032b", 1, {**CLIENT, "dns.question.name": 'a b"c.kementerian.go.id'}),
            (r"(\"Question\"|question for ).*2001:db8::7", 1, {"source.address": "2001:db8::7", "dns.question.type": "AAAA"}),
            (r"(\"Answer\"|answer to).*tiada", 1, {**answered, "dns.response_code": "NXDOMAIN"}),
            (r"(\"Answer\"|answer to).*www\.kementerian", 1, {**answered, "dns.response_code": "NOERROR"}),
            (r"packet cache.*192\.0\.2\.7", 1, {**CLIENT, "siaga.cache": "HIT"}),
            (r"matched by allow-from", 2, {**REFUSED, "source.address": "192.0.2.9"})], read=r"uestion|nswer|ropping")


def test_dnsdist():
    recorded.check("dnsdist", recorded.parse("dns", "dnsdist"), asked(r"Packet from ") + [
        (r"^Got query for tiada", 1, {**CLIENT, "dns.question.name": "tiada.kementerian.go.id", "dns.question.type": "A"}),
        (r"relayed to \[?2001", 1, {"source.address": "2001:db8::7", "event.action": "reply"}),
        (r"dropped because of ACL", 1, {**REFUSED, "source.address": "192.0.2.9"}),
        (r"Inserting dynamic block", 1, {**REFUSED, "event.action": "rate-limit", "source.address": "192.0.2.7"}),
        (r"Marking downstream", 1, {"event.action": "backend-state"})], read=r"Packet|Got |dropped|Inserting")


def test_knot():
    recorded.check("knot", recorded.parse("dns", "knot"), [
        (r"ACL, denied, action transfer", 1, {**CLIENT, **REFUSED, "event.action": "transfer", "siaga.dns.zone": "kementerian.go.id"}),
        (r"ACL, denied, action notify", 1, {**CLIENT, **REFUSED, "event.action": "notify"}),
        (r"ACL, denied, action update", 1, {**CLIENT, **REFUSED, "event.action": "update", "user.name": None}),
        (r"ACL, allowed, action update", 1, {**CLIENT, "event.outcome": "success", "user.name": "kunci."}),
        (r"AXFR, outgoing.*started", 2, {"source.address": PEERS, "event.outcome": "success", "dns.question.type": "AXFR"}),
        (r"DDNS, finished", 1, {"event.action": "update", "event.outcome": "success"}),
        (r"prerequisites not met", 1, {**CLIENT, **REFUSED, "event.action": "update"})], read=r"ACL,|AXFR,|DDNS,|notify,")


def test_nsd():
    recorded.check("nsd", recorded.parse("dns", "nsd"), [
        (r"axfr for kementerian\S+ from 192\.0\.2\.7 refused", 1, {**CLIENT, **REFUSED, "event.action": "transfer"}),
        (r"axfr for kementerian\S+ from 192\.0\.2\.8$", 1, {"source.address": "192.0.2.8", "event.outcome": "success", "event.action": "transfer"}),
        (r"notify for .* refused", 2, {"source.address": PEERS, **REFUSED, "event.action": "notify"}),
        (r"query tertutup\S+ from", 1, {**CLIENT, **REFUSED, "dns.question.name": "tertutup.go.id", "dns.response_code": "REFUSED"}),
        (r"ratelimit block", 1, {**CLIENT, **REFUSED, "event.action": "rate-limit", "dns.question.name": "www.kementerian.go.id",
                                 "source.subnet": "192.0.2.0/24"})])


def test_kresd():
    recorded.check("kresd", recorded.parse("dns", "kresd"), [
        (r"^\[plan .*tiada", 1, {"dns.question.name": "tiada.kementerian.go.id", "dns.question.type": "A", "event.action": "query"}),
        (r"DENY applied for judi", 1, {**REFUSED, "event.action": "block", "dns.question.name": "judi.example", "siaga.waf.action": "DENY"})])


recorded.main([test_bind, test_dnstap, test_unbound, test_dnsmasq, test_powerdns, test_recursor, test_dnsdist, test_knot, test_nsd,
               test_kresd])
