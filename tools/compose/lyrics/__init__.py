"""Words for singing: how they sound, how they scan and rhyme, the tune they are set to, and the writing of them."""
