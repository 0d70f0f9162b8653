"""Certificates of an authority that lives for one run of the tests."""

import datetime as dt
import ipaddress
import ssl
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

from registry.client import TlsFiles


@dataclass(frozen=True, kw_only=True)
class Certificates:
    """PEM files."""

    authority: Path
    server: Path
    server_key: Path
    client: Path
    client_key: Path
    encrypted_key: Path

    def server_context(self) -> ssl.SSLContext:
        """Return what makes a server demand a certificate of the authority."""
        context = ssl.create_default_context(
            ssl.Purpose.CLIENT_AUTH, cafile=str(self.authority)
        )
        context.load_cert_chain(self.server, self.server_key)
        context.verify_mode = ssl.CERT_REQUIRED
        return context

    def client_files(self) -> TlsFiles:
        """Return what lets a client in."""
        return TlsFiles(
            ca=str(self.authority),
            certificate=str(self.client),
            key=str(self.client_key),
        )


def make_certificates(folder: Path) -> Certificates:
    """Write an authority, a server's and a client's certificate into the folder."""
    authority_key = ec.generate_private_key(ec.SECP256R1())
    server_key = ec.generate_private_key(ec.SECP256R1())
    client_key = ec.generate_private_key(ec.SECP256R1())
    authority = _sign("authority", authority_key, "authority", authority_key)
    return Certificates(
        authority=_write(folder / "ca.pem", authority),
        server=_write(
            folder / "server.pem",
            _sign("server", server_key, "authority", authority_key),
        ),
        server_key=_write_key(folder / "server.key", server_key, NoEncryption()),
        client=_write(
            folder / "client.pem",
            _sign("client", client_key, "authority", authority_key),
        ),
        client_key=_write_key(folder / "client.key", client_key, NoEncryption()),
        encrypted_key=_write_key(
            folder / "encrypted.key", client_key, BestAvailableEncryption(b"word")
        ),
    )


def _sign(
    subject: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: str,
    issuer_key: ec.EllipticCurvePrivateKey,
) -> x509.Certificate:
    now = dt.datetime.now(dt.UTC)
    local = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    is_authority = subject == issuer
    return (
        x509.CertificateBuilder()
        .subject_name(_name(subject))
        .issuer_name(_name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([local]), critical=False)
        .add_extension(
            x509.BasicConstraints(ca=is_authority, path_length=None), critical=True
        )
        .sign(issuer_key, hashes.SHA256())
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _write(path: Path, certificate: x509.Certificate) -> Path:
    path.write_bytes(certificate.public_bytes(Encoding.PEM))
    return path


def _write_key(
    path: Path, key: ec.EllipticCurvePrivateKey, encryption: KeySerializationEncryption
) -> Path:
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption))
    return path
