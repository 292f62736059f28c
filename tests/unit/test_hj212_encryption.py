"""SM4 by the standard's own vectors; encrypted segments by those of HJ 212-2025."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.hj212_shared import packets

from qingtian.stream.hj212 import Profile, read_frames, sm4, tolerant
from qingtian.stream.hj212.encryption import covers, opened, sealed, sealed_frame

KEY = b"0" * 16
VECTOR = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")


def test_it_encrypts_the_example_of_the_standard() -> None:
    # GB/T 32907-2016 annex A.1
    cipher = sm4.encrypted(VECTOR, key=VECTOR)
    assert cipher == bytes.fromhex("681EDF34D206965E86B3E94F536E4246")
    assert sm4.decrypted(cipher, key=VECTOR) == VECTOR


def test_a_key_or_text_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        sm4.encrypted(VECTOR, key=b"short")
    with pytest.raises(ValueError, match="whole number"):
        sm4.decrypted(b"tail", key=KEY)


def test_the_two_encrypted_frames_of_2025_are_made_and_opened() -> None:
    examples = [packet for packet in packets() if "cipher_hex" in packet]
    assert len(examples) == 2
    for example in examples:
        plain = example["packet"].strip().encode()[6:-4]
        cipher = sealed(plain, key=KEY)
        area = cipher.partition(b"CP=&&")[2]
        assert area == bytes.fromhex(example["cipher_hex"]) + example["cipher_tail"].encode() + b"&&"
        assert opened(cipher, key=KEY) == plain
        frame = sealed_frame(plain, key=KEY)
        assert (frame[:6], frame[-6:]) == (
            example["packet"][:6].encode(),
            example["packet"].strip()[-4:].encode() + b"\r\n",
        )


def test_a_cipher_printed_as_text_is_opened_too() -> None:
    example = next(packet for packet in packets() if packet.get("cipher_tail"))
    plain = example["packet"].strip().encode()[6:-4]
    head = plain.partition(b"CP=&&")[0]
    for between in (",", ", "):
        text = between.join(f"0x{byte:02X}" for byte in bytes.fromhex(example["cipher_hex"]))
        printed = head + b"CP=&&{" + text.encode() + b"}" + example["cipher_tail"].encode() + b"&&"
        assert opened(printed, key=KEY) == plain


def test_no_data_area_cannot_be_opened() -> None:
    with pytest.raises(ValueError, match="no data area"):
        opened(b"CN=2011", key=KEY)


def test_it_covers_data_keys_and_site_information() -> None:
    assert [cn for cn in (1014, 1062, 2011, 2999, 3020, 3021, 9014) if covers(cn)] == [1014, 2011, 2999, 3020]


@given(st.binary(max_size=100), st.binary(min_size=16, max_size=16))
def test_what_is_sealed_is_opened(area: bytes, key: bytes) -> None:
    plain = b"CN=2011;CP=&&" + area + b"&&"
    if area.startswith(b"{0x"):
        return
    cipher = sealed(plain, key=key)
    assert len(cipher) == len(plain)
    if not cipher.startswith(b"CN=2011;CP=&&{0x"):
        assert opened(cipher, key=key) == plain


def test_a_cipher_that_happens_to_fit_the_plain_checksum_is_opened_all_the_same() -> None:
    profile = Profile(key=KEY)
    area = "DataTime=20261122100000;w01018-Avg={:.1f},w01018-Flag=N"
    head = "QN=202611221030{:05d};ST=32;CN=2051;PW=123456;MN=010000A8900016F000169DC0;Flag=9;CP=&&"
    chances = 0
    for number in range(2000):
        segment = f"{head.format(number)}{area.format(number / 10)}&&".encode()
        [frame] = read_frames(sealed_frame(segment, key=KEY))
        chances += frame.ok
        assert tolerant.read(frame, profile).frame.segment == segment
    assert chances > 0
