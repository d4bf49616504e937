# Copyright (C) the siaga authors
# SPDX-License-Identifier: GPL-2.0-or-later
"""The servers of a ministry, from the distribution's packages, each logging as it does by itself."""

import glob
import os
import shutil
import socket
import subprocess
import time

from namespace import LOGIN, NAMES, PORTAL, RESOLVER, TUNNEL, WEB

SITES = ("www.kementerian.go.id", "jdih.kementerian.go.id", "ppid.kementerian.go.id")
ZONES = ("kementerian.go.id", "dinas.go.id", "pemkot.go.id", "pemkab.go.id", "kecamatan.go.id", "balai.go.id")
USERS = {"budi": "rahasia-budi", "siti": "rahasia-siti", "wayan": "123456"}
LOGS = {"nginx": "nginx/access.log", "nginx-error": "nginx/error.log", "apache": "apache/access.log",
        "apache-error": "apache/error.log", "bind": "bind/queries.log", "bind-security": "bind/security.log",
        "unbound": "unbound/unbound.log"}

# The page that everybody wrote once: a parameter in a query, a file by its name, an upload without a look.
PORTAL_PAGES = {
    "index.php": "<?php echo '<h1>Portal</h1><a href=\"produk.php?id=1\">produk</a>';",
    "produk.php": """<?php
$db = new SQLite3('/tmp/produk.db'); $db->exec('create table if not exists produk (id integer, nama text)');
if (!$db->querySingle('select count(*) from produk')) $db->exec("insert into produk values (1, 'beras'), (2, 'gula')");
$rows = @$db->query('select nama from produk where id = ' . $_GET['id']);
if (!$rows) { http_response_code(500); echo $db->lastErrorMsg(); exit; }
while ($row = $rows->fetchArray()) echo htmlspecialchars($row[0]), '<br>';""",
    "halaman.php": "<?php $f = $_GET['f'] ?? 'index'; echo @file_get_contents($f) ?: 'tidak ada';",
    "unggah.php": """<?php if ($_FILES) move_uploaded_file($_FILES['berkas']['tmp_name'],
__DIR__ . '/uploads/' . basename($_FILES['berkas']['name'])); echo 'ok';""",
    "masuk.php": """<?php if (($_POST['sandi'] ?? '') === 'benar') { header('Location: /dasbor.php'); http_response_code(302); }
else { http_response_code(401); echo 'salah'; }""",
    "dasbor.php": "<?php echo 'selamat datang';",
}


class Servers:
    def __init__(self, lab):
        self.lab = lab
        self.processes = {}

    def path(self, *names):
        return os.path.join(self.lab, *names)

    def log(self, name):
        return self.path("log", LOGS[name])

    def write(self, name, text, mode=0o644):
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as f:
            f.write(text)
        os.chmod(path, mode)
        return path

    def start(self, name, *command, **options):
        """In a session of its own: Apache ends its whole process group, and a group reaches beyond the namespace."""
        out = open(self.path(name + ".out"), "ab")
        self.processes[name] = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                                start_new_session=True, **options)
        out.close()

    def stop(self):
        for process in self.processes.values():
            process.terminate()
        for process in self.processes.values():
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()

    def _wait_port(self, name, address, port):
        for _ in range(600):
            with socket.socket() as peer:
                if peer.connect_ex((address, port)) == 0:
                    return
            time.sleep(0.05)
        with open(self.path(name + ".out"), errors="replace") as f:
            raise RuntimeError("%s does not answer:\n%s" % (name, f.read()[-2000:]))

    def start_all(self):
        for name in LOGS.values():
            os.makedirs(self.path("log", os.path.dirname(name)), exist_ok=True)
            os.chmod(self.path("log", os.path.dirname(name)), 0o777)
        for user, password in USERS.items():
            subprocess.run(["useradd", "--create-home", "--home-dir", self.path("home", user), "--shell", "/bin/sh", user],
                           check=True)
            subprocess.run(["chpasswd"], input="%s:%s\n" % (user, password), text=True, check=True)
        self.nginx()
        self.apache()
        self.bind()
        self.unbound()
        self.sshd()
        self.dovecot()
        self.vsftpd()

    def nginx(self):
        """Static sites, one virtual host each."""
        servers = ""
        for site in SITES:
            for number in range(200):
                self.write("www/%s/berita/%d.html" % (site, number), "<h1>Berita %d</h1>" % number)
            links = "".join('<a href="/berita/%d.html">berita %d</a>' % (n, n) for n in range(40))
            self.write("www/%s/index.html" % site, "<html>%s</html>" % links)
            servers += "server { listen %s:80; server_name %s; root %s; }\n" % (WEB, site, self.path("www", site))
        path = self.write("nginx.conf", """
daemon off; user www-data; worker_processes 1; pid %s;
error_log %s;
events { worker_connections 1024; }
http {
  log_format vhost '$host:$server_port $remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent '
                   '"$http_referer" "$http_user_agent"';
  access_log %s vhost;
  %s
}
""" % (self.path("nginx.pid"), self.log("nginx-error"), self.log("nginx"), servers))
        self.start("nginx", "nginx", "-c", path)
        self._wait_port("nginx", WEB, 80)

    def apache(self):
        """A portal in PHP with the usual holes."""
        for name, text in PORTAL_PAGES.items():
            self.write("portal/" + name, text + "\n")
        os.makedirs(self.path("portal/uploads"), exist_ok=True)
        os.chmod(self.path("portal/uploads"), 0o777)
        php = sorted(glob.glob("/usr/lib/apache2/modules/libphp*.so"))[-1]
        path = self.write("apache.conf", """
ServerRoot /etc/apache2
ServerName portal.kementerian.go.id
Listen %s:80
PidFile %s
User www-data
Group www-data
LoadModule mpm_prefork_module /usr/lib/apache2/modules/mod_mpm_prefork.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule dir_module /usr/lib/apache2/modules/mod_dir.so
LoadModule mime_module /usr/lib/apache2/modules/mod_mime.so
LoadModule php_module %s
TypesConfig /etc/mime.types
DirectoryIndex index.php
DocumentRoot %s
<FilesMatch "\\.php$">
  SetHandler application/x-httpd-php
</FilesMatch>
<Directory />
  Require all granted
</Directory>
LogFormat "%%v:%%p %%h %%l %%u %%t \\"%%r\\" %%>s %%O \\"%%{Referer}i\\" \\"%%{User-Agent}i\\"" vhost_combined
CustomLog %s vhost_combined
ErrorLog %s
""" % (PORTAL, self.path("apache.pid"), php, self.path("portal"), self.log("apache"), self.log("apache-error")))
        self.start("apache", "apache2", "-D", "FOREGROUND", "-f", path)
        self._wait_port("apache", PORTAL, 80)

    def bind(self):
        """Authoritative for the ministry's zones."""
        folder = self.path("bind")
        os.makedirs(folder, exist_ok=True)
        zones = ""
        for zone in ZONES:
            hosts = "".join("%s IN A %s\n" % (name, WEB) for name in ("www", "portal", "mail", "jdih", "ppid"))
            self.write("bind/%s.zone" % zone, "$TTL 300\n@ IN SOA ns.%s. admin.%s. 1 3600 600 86400 300\n@ IN NS ns.%s.\n"
                       "ns IN A %s\n%s" % (zone, zone, zone, NAMES, hosts))
            zones += 'zone "%s" { type primary; file "%s"; };\n' % (zone, self.path("bind", zone + ".zone"))
        shutil.chown(folder, "bind", "bind")
        path = self.write("bind/named.conf", """
options {
  directory "%s"; listen-on { %s; }; listen-on-v6 { none; }; recursion no; dnssec-validation no; allow-transfer { none; }; querylog yes;
  pid-file "%s"; session-keyfile "%s";
};
controls { };
logging {
  channel queries { file "%s"; print-time yes; print-category yes; print-severity yes; };
  channel security { file "%s"; print-time yes; print-category yes; print-severity yes; };
  category queries { queries; };
  category security { security; }; category xfer-out { security; }; category update { security; };
  category update-security { security; };
};
%s
""" % (folder, NAMES, self.path("bind/pid"), self.path("bind/session.key"), self.log("bind"), self.log("bind-security"),
            zones))
        self.start("bind", "named", "-f", "-c", path, "-u", "bind")
        self._wait_port("bind", NAMES, 53)

    def unbound(self):
        """The resolver of the ministry's network; it knows the way to its zones and to one strange server."""
        stubs = "".join('stub-zone:\n  name: "%s"\n  stub-addr: %s\n' % (zone, NAMES) for zone in ZONES)
        stubs += 'stub-zone:\n  name: "t.lab.example"\n  stub-addr: %s\n' % TUNNEL
        path = self.write("unbound.conf", """
server:
  interface: %s
  access-control: 0.0.0.0/0 allow
  do-not-query-localhost: no
  outgoing-interface: %s
  chroot: ""
  directory: "%s"
  username: ""
  pidfile: "%s"
  logfile: "%s"
  use-syslog: no
  qname-minimisation: no
  log-queries: yes
  log-replies: yes
  log-time-ascii: no
  module-config: "iterator"
  local-zone: "go.id." nodefault
  local-zone: "contoh.id." static
%s
remote-control:
  control-enable: no
""" % (RESOLVER, RESOLVER, self.lab, self.path("unbound.pid"), self.log("unbound"), stubs))
        self.start("unbound", "unbound", "-d", "-c", path)
        self._wait_port("unbound", RESOLVER, 53)

    def sshd(self):
        os.makedirs("/run/sshd", exist_ok=True)
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.path("host")], check=True)
        path = self.write("sshd.conf", """
Port 22
ListenAddress %s
HostKey %s
PidFile none
UsePAM yes
MaxStartups 100
PermitRootLogin yes
""" % (LOGIN, self.path("host")))
        self.start("sshd", shutil.which("sshd") or "/usr/sbin/sshd", "-D", "-f", path)
        self._wait_port("sshd", LOGIN, 22)

    def dovecot(self):
        users = self.write("users", "".join("%s:{PLAIN}%s:1000:1000::/tmp\n" % pair for pair in USERS.items()))
        path = self.write("dovecot.conf", """
base_dir = /run/dovecot
state_dir = /run/dovecot
protocols = imap pop3
listen = %s
ssl = no
disable_plaintext_auth = no
mail_location = maildir:/tmp/%%u
auth_verbose = yes
passdb {
  driver = passwd-file
  args = %s
}
userdb {
  driver = passwd-file
  args = %s
}
""" % (LOGIN, users, users))
        self.start("dovecot", "dovecot", "-F", "-c", path)
        self._wait_port("dovecot", LOGIN, 143)

    def vsftpd(self):
        os.makedirs("/run/vsftpd/empty", exist_ok=True)
        path = self.write("vsftpd.conf", """
listen=YES
listen_address=%s
background=NO
local_enable=YES
anonymous_enable=NO
syslog_enable=YES
dual_log_enable=YES
log_ftp_protocol=NO
secure_chroot_dir=/run/vsftpd/empty
pam_service_name=vsftpd
seccomp_sandbox=NO
isolate_network=NO
isolate=NO
""" % LOGIN)
        self.start("vsftpd", "vsftpd", path)
        self._wait_port("vsftpd", LOGIN, 21)
