"""WAV files of tones, and how loud a tone is in one."""
import array
import math
import os
import statistics
import sys
import wave

RATE_HZ = 48000
NOTHING_DB = -200.0


def write_tone(path, hz, seconds, amplitude=0.5):
    """48 kHz, 16 bits, stereo."""
    period = RATE_HZ // math.gcd(RATE_HZ, hz)
    samples = array.array("h")
    for i in range(period):
        value = round(32767 * amplitude * math.sin(2 * math.pi * hz * i / RATE_HZ))
        samples.extend((value, value))
    if sys.byteorder == "big":
        samples.byteswap()
    with wave.open(path, "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        one_second = samples.tobytes() * (RATE_HZ // period)
        for _ in range(seconds):
            file.writeframesraw(one_second)


def read(path):
    """The first channel's samples, 1.0 being the full scale."""
    with wave.open(path, "rb") as file:
        assert (file.getframerate(), file.getsampwidth()) == (RATE_HZ, 2), path
        samples = array.array("h", file.readframes(file.getnframes()))
        if sys.byteorder == "big":
            samples.byteswap()
        return [sample / 32768 for sample in samples[::file.getnchannels()]]


HEADER_SIZE = 44
FRAME_SIZE = 4  # two channels of two bytes


def seconds_so_far(path):
    """Of a stereo file that is being written."""
    return max(0, os.path.getsize(path) - HEADER_SIZE) / FRAME_SIZE / RATE_HZ


def read_end(path, seconds):
    """The first channel's last samples of a stereo file that may be being written still; [] while there are too few."""
    try:
        with open(path, "rb") as file:
            content = file.read()[HEADER_SIZE:]
    except FileNotFoundError:
        return []
    samples = array.array("h", content[:len(content) // FRAME_SIZE * FRAME_SIZE])
    if sys.byteorder == "big":
        samples.byteswap()
    count = int(RATE_HZ * seconds)
    return [sample / 32768 for sample in samples[-2 * count::2]] if len(samples) >= 2 * count else []


def window(count):
    """Blackman and Harris's: -92 dB beside its peak, and falling."""
    return [0.35875 - 0.48829 * math.cos(2 * math.pi * i / count) + 0.14128 * math.cos(4 * math.pi * i / count) -
            0.01168 * math.cos(6 * math.pi * i / count) for i in range(count)]


def level_of_piece(samples, hz, shape):
    """Goertzel's sum: the amplitude of one frequency, in decibels of the full scale."""
    factor = 2 * math.cos(2 * math.pi * hz / RATE_HZ)
    last = before = 0.0
    for sample, weight in zip(samples, shape):
        last, before = sample * weight + factor * last - before, last
    power = last * last + before * before - factor * last * before
    amplitude = 2 * math.sqrt(max(power, 0.0)) / sum(shape)
    return 20 * math.log10(amplitude) if amplitude > 1e-10 else NOTHING_DB


def levels_db(samples, hz, piece_s=0.1):
    """In each piece, ordered by loudness."""
    count = int(RATE_HZ * piece_s)
    shape = window(count)
    assert len(samples) >= 4 * count, f"only {len(samples)} samples"
    return sorted(level_of_piece(samples[at:at + count], hz, shape)
                  for at in range(0, len(samples) - count + 1, count))


def level_db(samples, hz):
    """Of a tone that is to be heard: the median."""
    return statistics.median(levels_db(samples, hz))


SPAN_S = 3


def trace_db(samples, hz):
    """
    Of one that is not: in the worst span, what nine tenths of its pieces have. A tone that is there is in every piece of a
    span; a break in another tone, which a busy machine makes, has all frequencies in it, but only in the pieces that it
    falls in.
    """
    count = SPAN_S * RATE_HZ
    starts = range(0, max(1, len(samples) - count + 1), count)
    return max(quietest_db(samples[at:at + count], hz) for at in starts)


def quietest_db(samples, hz):
    levels = levels_db(samples, hz)
    return levels[len(levels) // 10]


def loudest(samples):
    return max(map(abs, samples), default=0.0)
