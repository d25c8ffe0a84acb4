"""tuspy as somebody's script uploads with it. `tus.rs`, among the black-box tests, starts it:

    python tus.py ENDPOINT AUTHORIZATION FILE NAME

It uploads one piece, goes on with a new object as a script that was started again does, and says where the upload is.
"""

import sys

from tusclient import client

endpoint, authorization, file, name = sys.argv[1:]
tus = client.TusClient(endpoint, headers={"Authorization": authorization})
metadata = {"filename": name, "visibility": "public"}
piece = 64 * 1024

first = tus.uploader(file, chunk_size=piece, metadata=metadata, upload_checksum=True)
first.upload_chunk()
print("accepted", first.offset, flush=True)

again = tus.uploader(file, chunk_size=piece, url=first.url, upload_checksum=True)
print("goes on at", again.offset, flush=True)
again.upload()
print("done", again.url, flush=True)
