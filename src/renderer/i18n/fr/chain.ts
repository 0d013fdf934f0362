/** French: proof, archives and erasure. */
import type { chain as english } from '../en/chain.ts';
import type { Phrases } from '../phrases.ts';

export const chain: Phrases<typeof english> = {
  'chain.proof': 'Preuve',
  'chain.proof.lead_one':
    'Une entrée jusqu’ici. Chacune porte l’empreinte de la précédente : rien ne peut être changé, retiré ou déplacé sans que cela se voie.',
  'chain.proof.lead_other':
    '{{count, number}} entrées jusqu’ici. Chacune porte l’empreinte de la précédente : rien ne peut être changé, retiré ou déplacé sans que cela se voie.',
  'chain.all': 'Toute la chaîne',
  'chain.all.why': 'Depuis la toute première entrée, archives comprises.',
  'chain.verify': 'Tout vérifier',
  'chain.export': 'Une copie en fichier',
  'chain.export.why':
    'Un objet JSON par ligne, avec les empreintes. Vingt lignes de Python le vérifient (ARCHITECTURE.md). Aucun secret n’y figure, mais des noms de personnes.',
  'chain.export.do': 'Enregistrer en fichier',
  'chain.exporting': '{{here}} entrées lues sur {{all}}',
  'chain.exported_one': 'Le fichier contient une entrée.',
  'chain.exported_other': 'Le fichier contient {{count, number}} entrées.',
  'chain.archives': 'Archives',
  'chain.stay': 'Les entrées restent dans la base.',
  'chain.days_one': 'Les entrées de plus d’un jour passent d’elles-mêmes en archive.',
  'chain.days_other': 'Les entrées de plus de {{count, number}} jours passent d’elles-mêmes en archive.',
  'chain.toRetention': 'Conservation',
  'chain.noArchives': 'Rien n’a encore été archivé.',
  'chain.range': 'Entrées {{first}} à {{last}}',
  'chain.archive': 'Archiver maintenant…',
  'chain.archive.title': 'Archiver les anciennes entrées',
  'chain.archive.do': 'Les archiver',
  'chain.archive.words':
    'Elles passent dans un fichier compressé du dossier de données du relais, et ne sont plus affichées ici. La chaîne continue d’un seul tenant ; gardez le fichier avec vos sauvegardes.',
  'chain.archive.days': 'Plus anciennes que, en jours',
  'chain.archived_one': 'Une entrée est archivée.',
  'chain.archived_other': '{{count, number}} entrées sont archivées.',
  'chain.nothing': 'Rien n’est aussi ancien.',
  erase: 'Effacer les données d’une personne',
  'erase.lead':
    'Quand quelqu’un demande à être oublié. La personne doit avoir quitté la source, sans rien en attente ni dû à son sujet.',
  'erase.open': 'Effacer…',
  'erase.do': 'Effacer définitivement',
  'erase.risk': 'Personne ne peut revenir là-dessus',
  'erase.words':
    'Ses noms et adresses disparaissent du journal, de ses archives, des éléments en attente, des livraisons et des plans. La chaîne reste vérifiable : la décision énumère ce qui a été vidé. Steeple n’est pas modifié.',
  'erase.who': 'Les données de',
  'erase.who.why': 'Seules les personnes inactives ou supprimées à la source sont proposées.',
  'erase.active': 'Toujours active à la source',
  'erase.reason.why': '« Demande du 12 mai, ticket 481 » : sans le nom de la personne, car cela reste.',
  'erase.type': 'Tapez {{userName}} pour confirmer',
  'erase.type.name': 'le nom d’utilisateur',
  'erase.none': 'Ce qui est effacé est annoncé ici, avec ce qu’il reste à faire ailleurs.',
  'erase.done_one': 'Effacé : une entrée contient moins à présent',
  'erase.done_other': 'Effacé : {{count, number}} entrées contiennent moins à présent',
  'erase.archives_one': 'une archive a été réécrite',
  'erase.archives_other': '{{count, number}} archives ont été réécrites',
  'erase.mentions_one': 'Une entrée sur quelqu’un d’autre nomme cette personne, et a été laissée telle quelle :',
  'erase.mentions_other':
    '{{count, number}} entrées sur d’autres nomment cette personne, et ont été laissées telles quelles :',
  'erase.remains': 'Ce qu’il reste à faire',
};
