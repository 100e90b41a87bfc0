"""Sentences of several kinds and languages, written for this purpose."""

from __future__ import annotations

SENTENCES: dict[str, tuple[str, ...]] = {
    "news": (
        "The council voted on Tuesday to widen the bridge over the river by two lanes.",
        "Exports of copper fell by four per cent in the third quarter, the ministry said.",
        "Two ferries were cancelled this morning because of strong winds in the strait.",
        "The central bank left its interest rate unchanged at three and a quarter per cent.",
        "Firefighters brought the blaze at the warehouse under control shortly before dawn.",
        "The museum reopens in April after eleven years of renovation.",
    ),
    "instructions": (
        "Whisk the eggs with the sugar until pale, then fold in the sifted flour.",
        "Remove the four screws at the back and lift the cover off carefully.",
        "Press and hold the reset button for ten seconds until the green light blinks.",
        "Water the seedlings every second day and keep them out of direct sunlight.",
        "Turn left after the petrol station and follow the road for three kilometres.",
        "Tighten the bolts crosswise to 90 Nm and check them again after 50 km.",
    ),
    "law and business": (
        "The tenant shall return the premises in the condition in which they were received.",
        "Invoice 20417 is payable within thirty days of receipt without deduction.",
        "Neither party shall be liable for delays caused by events beyond its control.",
        "Please find attached the minutes of the meeting held on 4 March.",
        "The undersigned hereby grants power of attorney to the person named below.",
        "Shipping of orders above 50 euros is free within the European Union.",
    ),
    "science": (
        "The enzyme catalyses the hydrolysis of the peptide bond at neutral pH.",
        "Let f be a continuous function on a compact interval; then f attains its maximum.",
        "Sediment cores show a rise in pollen of oak at about 8,000 years before present.",
        "The patient was given 5 mg of the drug twice a day for two weeks.",
        "The spacecraft entered an elliptical orbit with a period of 35 hours.",
        "Basalt is a fine-grained volcanic rock that is rich in magnesium and iron.",
    ),
    "programs and numbers": (
        "for (int i = 0; i < n; i++) { sum += a[i] * b[i]; }",
        "SELECT name, COUNT(*) FROM orders WHERE year = 2019 GROUP BY name;",
        "def area(radius): return 3.14159 * radius ** 2",
        "ERROR 503 upstream timed out (110) while connecting, retry 3 of 5",
        "12.5 13.0 11.8 12.1 12.9 14.2 13.3 12.0 11.5 12.7",
        '<div class="row"><a href="/index.html">Home</a></div>',
    ),
    "messages": (
        "Are you coming over later or shall I bring the keys to work?",
        "ok see you at 6, don't forget the charger",
        "Happy birthday!! Hope you have a lovely day with the kids",
        "Sorry, I can't make it on Thursday, could we move it to next week?",
        "lol no idea, ask Tom, he was there",
        "Has anybody seen my blue umbrella? I think I left it on the bus.",
    ),
    "opinions": (
        "The room was clean but the street outside kept us awake all night.",
        "These boots fell apart after two weeks, I want my money back.",
        "I think cycle lanes are a better use of the space than parked cars.",
        "Friendly staff, huge portions and the best dumplings in town.",
        "The battery lasts two days and the screen is easy to read in the sun.",
        "In my view the second goal should never have been allowed.",
    ),
    "other languages": (
        "Der Zug nach Hamburg fährt heute von Gleis sieben ab.",
        "La bibliothèque est fermée le lundi et les jours fériés.",
        "El paquete llegará entre el martes y el jueves de la próxima semana.",
        "Завтра утром ожидается небольшой дождь и слабый ветер.",
        "会議は午後三時から二階の部屋で行われます。",
        "تقع المدينة القديمة على ضفة النهر الشرقية.",
        "O relatório anual foi entregue à direção na sexta-feira.",
        "请把护照和两张照片交给前台。",
    ),
    "scrambled letters": (
        "qzx vlorp wented gribbly smon tak hurfle",
        "asdf jkl; qwer uiop zxcv bnm,",
        "xq7 ttk 9vb lma zz0 pqr 44n",
        "mnbvcxz lkjhgfdsa poiuytrewq",
        "blup blup blup frindle karnow estivo",
        "ooo eee aaa uuu iii ooo eee",
    ),
}
"""By kind; none is about anything that a classifier of texts is usually asked."""
