"""Words that say nothing of a text's subject."""

from __future__ import annotations

from typing import Final

_WORDS: Final = """
a about after all also am an and any are as at be because been before being between both but
by can could did do does don each every for from had has have he her here him his how if in
into is it its just ll may me more most must my no nor not now of on one only or other our
out over own re same shall she should so some such than that the their them then there these
they this those to too under up us ve very was we were what when where which while who whom
why will with would you your
ab aber als am an auch auf aus bei beim bin bis bist da damit dann das dass dein dem den
denn der des die dies diese diesem diesen dieser dieses doch dort du durch ein eine einem
einen einer eines er es euch euer für habe haben hatte hier ich ihm ihn ihr ihre im in
ist ja jede jeder jedes kann kein keine können mehr mein mich mir mit muss nach nicht
noch nun nur ob oder ohne sehr sein seine seit sich sie sind so sowie um und uns unser unter
vom von vor wann waren warum was weil wenn wer werden wie wieder wir wird wo zu zum zur
über
au aux avec avoir c ce ces cet cette comme dans de des donc du elle elles en est et eux fait
il ils je la le les leur leurs lui ma mais me mes moi mon même ne nos notre nous on ou où
par pas plus qu que qui sa sans se ses si sont sur ta te tes toi tu un une vos
votre vous y à était
al ante aos com como con da das de del desde do dos e el ela ele eles ella ellos em en entre
era es esta este esto está eu foi ha isso la las lhe lo los mais mas me mi muy más na
nas nem no nos não o os ou para pela pelo pero por que qué se sem ser si sobre su
sua suas sus são también também te tu um uma una uno unos você y ya yo à às
aan agli ai alla alle als anche bij che chi ci con cui da dal dalla dan dat de degli dei del
della delle deze di die dit e ed een en er geen gli ha had heb hebben heeft het hij ho
hoe i ik il in io is je kan la le lei lo loro ma maar met mi mijn naar ne nei nel nella niet
nog noi non nu o of om onder ons ook op over per perché più quale quando quello questa
questo se si sono su sua sui sul suo te tot tra uit un van voi voor waar wat we wel werd wie
wij worden wordt zal ze zich zij zijn zo zou è
"""

FUNCTION_WORDS: Final = frozenset(_WORDS.split())
"""Articles, pronouns, prepositions, conjunctions and auxiliary verbs of seven languages (English,
German, French, Spanish, Portuguese, Italian, Dutch), but for those that name something in another
one of them: war, man, hat, son, door, hay, sin, pour, ton, come."""
