"""Pictures that lodge-probe wrote: PNG with eight bits a channel, no interlacing."""
import struct
import zlib


class Picture:
    def __init__(self, path):
        with open(path, "rb") as file:
            data = file.read()
        assert data[:8] == b"\x89PNG\r\n\x1a\n", path
        packed, at = b"", 8
        while at < len(data):
            size, kind = struct.unpack(">I4s", data[at:at + 8])
            if kind == b"IHDR":
                self.width, self.height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", data[at + 8:at + 8 + size])
                assert depth == 8 and colour in (2, 6) and not interlaced, (depth, colour, interlaced)
                self.channels = 3 if colour == 2 else 4
            elif kind == b"IDAT":
                packed += data[at + 8:at + 8 + size]
            at += size + 12
        self.rows = self.unfilter(zlib.decompress(packed))

    def unfilter(self, raw):
        rows, stride = [], self.width * self.channels
        before = bytearray(stride)
        for y in range(self.height):
            kind, *row = raw[y * (stride + 1):(y + 1) * (stride + 1)]
            for i in range(stride):
                left = row[i - self.channels] if i >= self.channels else 0
                above = before[i]
                corner = before[i - self.channels] if i >= self.channels else 0
                if kind == 1:
                    row[i] = (row[i] + left) & 255
                elif kind == 2:
                    row[i] = (row[i] + above) & 255
                elif kind == 3:
                    row[i] = (row[i] + (left + above) // 2) & 255
                elif kind == 4:
                    row[i] = (row[i] + paeth(left, above, corner)) & 255
            rows.append(row)
            before = row
        return rows

    def dark(self, left, top, right, bottom, below=100):
        """The points in this area that are darker than that, as a set."""
        return {(x, y) for y in range(top, min(bottom, self.height)) for x in range(left, min(right, self.width))
                if self.rows[y][x * self.channels + 1] < below}


def paeth(left, above, corner):
    guess = left + above - corner
    distances = (abs(guess - left), abs(guess - above), abs(guess - corner))
    return (left, above, corner)[distances.index(min(distances))]
