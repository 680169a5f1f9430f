//! Dials an API server's exec WebSocket: takes a grant, gives an open connection or the refusal.
