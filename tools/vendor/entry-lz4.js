import lz4 from 'lz4js';

export const { decompressBlock } = lz4;
