"""SM4 分组密码 (GB/T 32907-2016), electronic code book of whole blocks: what HJ 212-2025 encrypts segments with.

Plain Python with four tables: about 20 µs a block. Not hardened against timing; the key never leaves the process.
"""

from __future__ import annotations

from collections.abc import Iterable
from struct import pack, unpack

BLOCK = 16
"""Bytes of a block, and of a key."""

SBOX = bytes.fromhex(
    "d690e9fecce13db716b614c228fb2c052b679a762abe04c3aa44132649860699"
    "9c4250f491ef987a33540b43edcfac62e4b31ca9c908e89580df94fa758f3fa6"
    "4707a7fcf37317ba83593c19e6854fa8686b81b27164da8bf8eb0f4b70569d35"
    "1e240e5e6358d1a225227c3b01217887d40046579fd327524c3602e7a0c4c89e"
    "eabf8ad240c738b5a3f7f2cef96115a1e0ae5da49b341a55ad933230f58cb1e3"
    "1df6e22e8266ca60c02923ab0d534e6fd5db3745defd8e2f03ff6a726d6c5b51"
    "8d1baf92bbddbc7f11d95c411f105ad80ac13188a5cd7bbd2d74d012b8e5b4b0"
    "8969974a0c96777e65b9f109c56ec68418f07dec3adc4d2079ee5f3ed7cb3948"
)
"""GB/T 32907 table A.1 (6.2)."""

SYSTEM = (0xA3B1BAC6, 0x56AA3350, 0x677D9197, 0xB27022DC)
"""FK, GB/T 32907 7.3."""

MASK = 0xFFFFFFFF
ROUNDS = 32


def _turned(word: int, bits: int) -> int:
    return (word << bits | word >> (32 - bits)) & MASK


def _mixed(word: int) -> int:
    """The linear step L of a round."""
    return word ^ _turned(word, 2) ^ _turned(word, 10) ^ _turned(word, 18) ^ _turned(word, 24)


def _mixed_key(word: int) -> int:
    """The linear step L' of the key schedule."""
    return word ^ _turned(word, 13) ^ _turned(word, 23)


def _substituted(word: int) -> int:
    return int.from_bytes(bytes(SBOX[byte] for byte in word.to_bytes(4, "big")), "big")


# substitution and linear step of one byte, by its place in the word
T0, T1, T2, T3 = (tuple(_mixed(SBOX[byte] << shift) for byte in range(256)) for shift in (24, 16, 8, 0))

# CK: byte j of constant i is (4i + j) * 7 mod 256 (GB/T 32907 7.3)
CONSTANTS = tuple(
    int.from_bytes(bytes((4 * row + column) * 7 % 256 for column in range(4)), "big") for row in range(ROUNDS)
)


def round_keys(key: bytes) -> tuple[int, ...]:
    """Return the 32 round keys of a key of 16 bytes.

    :raises ValueError: if the key has another length.
    """
    if len(key) != BLOCK:
        raise ValueError(f"an SM4 key has {BLOCK} bytes, not {len(key)}")
    words = [word ^ system for word, system in zip(unpack(">4I", key), SYSTEM, strict=True)]
    for row in range(ROUNDS):
        mixed = _mixed_key(_substituted(words[row + 1] ^ words[row + 2] ^ words[row + 3] ^ CONSTANTS[row]))
        words.append(words[row] ^ mixed)
    return tuple(words[4:])


def encrypted(text: bytes, *, key: bytes) -> bytes:
    """Return whole blocks encrypted.

    :raises ValueError: if ``text`` is no whole number of blocks, or the key has another length than 16 bytes.
    """
    return _crypted(text, round_keys(key))


def decrypted(cipher: bytes, *, key: bytes) -> bytes:
    """Return whole blocks decrypted; errors as `encrypted`."""
    return _crypted(cipher, tuple(reversed(round_keys(key))))


def _crypted(text: bytes, keys: tuple[int, ...]) -> bytes:
    if len(text) % BLOCK:
        raise ValueError(f"{len(text)} bytes are no whole number of blocks of {BLOCK}")
    return b"".join(_block(text[place : place + BLOCK], keys) for place in range(0, len(text), BLOCK))


def _block(text: bytes, keys: Iterable[int]) -> bytes:
    a, b, c, d = unpack(">4I", text)
    for key in keys:
        word = b ^ c ^ d ^ key
        mixed = T0[word >> 24] ^ T1[word >> 16 & 255] ^ T2[word >> 8 & 255] ^ T3[word & 255]
        a, b, c, d = b, c, d, a ^ mixed
    return pack(">4I", d, c, b, a)
