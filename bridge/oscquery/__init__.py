"""OSCQuery: tells touch apps which messages there are, so that they build their surface by themselves.

After the OSCQuery proposal (github.com/Vidvox/OSCQueryProposal): the tree of addresses as JSON over HTTP, values live
over WebSocket, found by zeroconf. Everything that is told comes from the protocol table and from the state of the set.
Nothing is changed here: what a surface sends goes to the OSC server.
"""
