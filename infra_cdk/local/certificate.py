"""A certificate for `localhost`, made here because a machine with only Python, Node and make may lack `openssl`."""

import datetime as dt
import ipaddress
import os
import ssl
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from infra_cdk.local.layout import Layout

LIFETIME = dt.timedelta(days=365)


def key_path(layout: Layout) -> Path:
    """The private key beside the certificate."""
    return layout.certificate.with_suffix(".key")


def ensure_certificate(layout: Layout) -> None:
    """Make certificate, key and trust file once; make them anew when the certificate is about to run out."""
    if layout.trust.exists() and still_valid(layout.certificate):
        return
    layout.certificate.parent.mkdir(parents=True, exist_ok=True)
    key = ec.generate_private_key(ec.SECP256R1())
    encoding = serialization.Encoding.PEM
    plain = serialization.NoEncryption()
    private = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, plain)
    key_path(layout).touch(mode=0o600)
    key_path(layout).write_bytes(private)
    public = self_signed(key).public_bytes(encoding)
    layout.certificate.write_bytes(public)
    layout.trust.write_bytes(system_authorities() + b"\n" + public)


def still_valid(path: Path) -> bool:
    """Is the certificate there, and good for another week?"""
    if not path.exists():
        return False
    end = x509.load_pem_x509_certificate(path.read_bytes()).not_valid_after_utc
    return end - dt.datetime.now(dt.UTC) > dt.timedelta(days=7)


def self_signed(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    """A leaf certificate that names this machine only; not an authority (some clients refuse one as a leaf)."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "taxpoynt local stage")])
    now = dt.datetime.now(dt.UTC)
    loopback = [ipaddress.ip_address("127.0.0.1"), ipaddress.ip_address("::1")]
    names = [x509.DNSName("localhost"), *(x509.IPAddress(address) for address in loopback)]
    return (
        x509.CertificateBuilder(issuer_name=name, subject_name=name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(minutes=5))
        .not_valid_after(now + LIFETIME)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(key, hashes.SHA256())
    )


def system_authorities() -> bytes:
    """The authorities this machine already trusts: from its own setting, the system, or requests' list."""
    named = os.environ.get("SSL_CERT_FILE") or os.environ.get("NODE_EXTRA_CA_CERTS")
    paths = ssl.get_default_verify_paths()
    import certifi

    for candidate in (named, paths.cafile, paths.openssl_cafile, certifi.where()):
        if candidate and Path(candidate).exists():
            return Path(candidate).read_bytes()
    return b""
