DROP TABLE history_chunks, histories;
