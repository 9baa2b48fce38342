"""What readers keep: saved searches, lists of articles with notes and tags, marks of what was read.

`database` has the file and its versions, `searches` and `lists` its SQL, `reader` says whose shelf
a request is about, `pages`, `taking` and `api` show it to people and to programs.
"""
