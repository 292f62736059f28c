"""HJ 212 污染物在线监控（监测）系统数据传输标准: the codec, sans-I/O. Bytes in, frames, messages, columns, replies out.

Two faces of one set of rules: plain Python, clear and exact (what stands here), and Numba kernels over whole buffers
(`kernels`, to be imported by itself: nothing here loads Numba). Property tests hold them to the same answers.
"""

from qingtian.stream.hj212.commands import COMMANDS, Command
from qingtian.stream.hj212.deviations import DEVIATIONS, Deviation, Verdict
from qingtian.stream.hj212.editions import Edition, flag_of
from qingtian.stream.hj212.frames import Frame, FrameReader, read_frames
from qingtian.stream.hj212.messages import bodies, values
from qingtian.stream.hj212.messages.bounds import Breach, breaches
from qingtian.stream.hj212.messages.catalogue import Way
from qingtian.stream.hj212.messages.head import Head
from qingtian.stream.hj212.messages.message import Contents, Message, read_message, write_frame, write_message
from qingtian.stream.hj212.messages.returns import EXE_RETURNS, QN_RETURNS, Return
from qingtian.stream.hj212.profile import STRICT, USUAL, Profile, verdicts_from
from qingtian.stream.hj212.quantities import Quantity, measured
from qingtian.stream.hj212.reassembly import Assembled, Reassembly, Window
from qingtian.stream.hj212.splitting import split
from qingtian.stream.hj212.tally import Tally
from qingtian.stream.hj212.tolerant import Reading, TolerantReader

__all__ = [
    "COMMANDS",
    "DEVIATIONS",
    "EXE_RETURNS",
    "QN_RETURNS",
    "STRICT",
    "USUAL",
    "Assembled",
    "Breach",
    "Command",
    "Contents",
    "Deviation",
    "Edition",
    "Frame",
    "FrameReader",
    "Head",
    "Message",
    "Profile",
    "Quantity",
    "Reading",
    "Reassembly",
    "Return",
    "Tally",
    "TolerantReader",
    "Verdict",
    "Way",
    "Window",
    "bodies",
    "breaches",
    "flag_of",
    "measured",
    "read_frames",
    "read_message",
    "split",
    "values",
    "verdicts_from",
    "write_frame",
    "write_message",
]
